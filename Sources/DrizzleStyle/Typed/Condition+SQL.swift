internal import PrivataCore

extension SQLTable {
  /// A condition on a model's records as SQL over its table.
  ///
  /// - Returns: a fragment that throws `unsupported` when rendered, for MongoDB's filters.
  func sql(_ filter: Filter) -> SQL {
    var fragment = plain(filter)
    fragment.meaning = .filter(handle, filter)
    return fragment
  }

  private func plain(_ filter: Filter) -> SQL {
    switch filter {
    case .all: SQL("true")
    case .none: SQL("false")
    case .compare(let field, let comparison, let value):
      compare(self[field], comparison.rawValue, value)
    case .compareFields(let field, let comparison, let other):
      compare(self[field], comparison.rawValue, self[other])
    case .isIn(let field, let values): inArray(self[field], values)
    case .isNotIn(let field, let values): notInArray(self[field], values)
    case .isNull(let field): isNull(self[field])
    case .isNotNull(let field): isNotNull(self[field])
    case .text(let field, let match, let text, let ignoresCase):
      SQL([.match(self[field].sql, match, text, ignoringCase: ignoresCase)])
    case .and(let filters): and(filters.map { sql($0) }) ?? SQL("true")
    case .or(let filters): or(filters.map { sql($0) })
    case .not(let filter): not(sql(filter))
    case .document, .list:
      .failure(
        PrivataError(
          .unsupported,
          "this condition on '\(logicalName)' has no form in DrizzleStyle: use "
            + "comparisons of fields"))
    }
  }
}
