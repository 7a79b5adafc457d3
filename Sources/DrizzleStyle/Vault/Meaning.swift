internal import PrivataCore

/// What a condition means, as far as stores that take no SQL can be told: filters of one source each,
/// and columns of two sources that are equal.
indirect enum Meaning: Sendable {
  case filter(String, Filter)
  case equal(SQLColumn, SQLColumn)
  case all([Meaning])

  /// The meaning of a comparison, `nil` where it compares with an expression.
  static func comparison(
    _ left: some SQLConvertible, _ sign: String, _ right: some SQLOperand
  ) -> Meaning? {
    guard let column = encoder(of: left), let owner = column.owner?.name,
      let comparison = Filter.Comparison(rawValue: sign)
    else { return nil }
    if let other = (right as? any ColumnBacked)?.backingColumn {
      if other.owner?.name == owner {
        return .filter(owner, .compareFields(column.key, comparison, other.key))
      }
      return comparison == .equal ? .equal(column, other) : nil
    }
    guard let value = (right as? any FieldValue)?.value else { return nil }
    return .filter(owner, .compare(column.key, comparison, value))
  }

  /// The meaning of a condition on one column.
  static func column(_ left: some SQLConvertible, _ filter: (String) -> Filter) -> Meaning? {
    guard let column = encoder(of: left), let owner = column.owner?.name else { return nil }
    return .filter(owner, filter(column.key))
  }

  /// The conjunction, `nil` where one part has no meaning.
  static func every(_ parts: [SQL]) -> Meaning? {
    let meanings = parts.compactMap(\.meaning)
    return meanings.count == parts.count ? .all(meanings) : nil
  }

  /// The disjunction, where all parts concern one source.
  static func some(_ parts: [SQL]) -> Meaning? {
    var filters: [Filter] = []
    var owners: Set<String> = []
    for part in parts {
      guard let (owner, filter) = part.meaning?.single else { return nil }
      owners.insert(owner)
      filters.append(filter)
    }
    guard owners.count == 1, let owner = owners.first else { return nil }
    return .filter(owner, .or(filters))
  }

  /// The filter, where only one source is concerned.
  var single: (owner: String, filter: Filter)? {
    switch self {
    case .filter(let owner, let filter): return (owner, filter)
    case .equal: return nil
    case .all(let parts):
      let singles = parts.compactMap(\.single)
      guard singles.count == parts.count, let owner = singles.first?.owner,
        singles.allSatisfy({ $0.owner == owner })
      else { return nil }
      return (owner, singles.count == 1 ? singles[0].filter : .and(singles.map(\.filter)))
    }
  }

  /// The parts of a conjunction.
  var parts: [Meaning] {
    if case .all(let parts) = self { parts.flatMap(\.parts) } else { [self] }
  }
}

/// What stands for a column.
protocol ColumnBacked {
  /// The column of the table behind the expression.
  var backingColumn: SQLColumn { get }
}

extension SQLColumn: ColumnBacked {
  var backingColumn: SQLColumn { self }
}

extension ModelColumn: ColumnBacked {
  var backingColumn: SQLColumn { column }
}
