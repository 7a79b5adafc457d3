package import PrivataCore

/// A read, compiled once for all queries of its shape: the statement, and what is left to do with
/// its rows.
package final class ReadPlan: SQLPlan {
  /// What the statement's rows are.
  package enum Rows: Sendable {
    /// The answer itself.
    case answer
    /// Columns that become documents, which are the answer.
    case documents(DocumentForm)
    /// Columns that become documents, which the engine checks, sorts or projects.
    case candidates(DocumentForm, Residual)
  }

  /// What SQL could not do.
  package struct Residual: Sendable, Hashable {
    package var matches: Bool
    package var sorts: Bool
    package var pages: Bool
    package var projects: Bool
  }

  package let compiled: SQLCompiled
  package let rows: Rows
  package let bound: BoundModel

  /// Compiles a query.
  ///
  /// - Throws: `unknownField` for a field that a closed model does not have.
  package init(_ query: Query, _ bound: BoundModel) throws(PrivataError) {
    // What is malformed is refused here, whatever SQL would make of it.
    _ = try FilterMatcher(
      query.filter, model: query.model, collation: query.options?.collation)
    guard query.skip >= 0 else {
      throw .rejected(51024, "BSON field 'skip' value must be >= 0", as: .rejectedByStore)
    }
    let select = try SQLSelect(query, bound)
    self.bound = bound
    switch query.answer {
    case .count where select.condition.isExact:
      compiled = select.count()
      rows = .answer
    case .exists where select.condition.isExact:
      compiled = select.exists()
      rows = .answer
    case .distinct(let path) where Self.isPlainDistinct(path, select):
      compiled = select.distinct(bound.layout.column(path)!)
      rows = .answer
    case .rows:
      (compiled, rows) = try Self.rows(query, select)
    default:
      (compiled, rows) = Self.candidates(query, select, projects: false)
    }
  }
}

extension ReadPlan {
  /// SQL's distinct leaves out explicit nulls and list elements, which open models may hold.
  private static func isPlainDistinct(_ path: String, _ select: SQLSelect) -> Bool {
    guard select.condition.isExact, !select.layout.isOpen || select.layout.isKey(path) else {
      return false
    }
    guard let column = select.layout.column(path), select.query.sort.isEmpty else { return false }
    return column.type.isScalar && select.query.options?.collation == nil
  }

  private static func rows(
    _ query: Query, _ select: SQLSelect
  ) throws(PrivataError) -> (SQLCompiled, Rows) {
    let layout = select.layout
    switch query.layout {
    case .cells:
      let fields = try fields(query.projection, layout)
      let positions = fields.compactMap { layout.position(of: $0) }
      let isPlain = positions.count == fields.count && (!layout.isOpen || !select.mayHoldOdd)
      guard isPlain, select.pagesInSQL else { return candidates(query, select, projects: false) }
      return (select.rows(positions, withRest: false), .answer)
    case .documents:
      guard let keep = DocumentForm.Keep(query.projection, layout) else {
        return candidates(query, select, projects: true)
      }
      guard select.pagesInSQL else { return candidates(query, select, projects: keep != .all) }
      let form = DocumentForm(layout, keep: keep)
      return (select.rows(form.selected, withRest: layout.isOpen), .documents(form))
    }
  }

  private static func candidates(
    _ query: Query, _ select: SQLSelect, projects: Bool
  ) -> (SQLCompiled, Rows) {
    let form = DocumentForm(select.layout)
    let residual = Residual(
      matches: !select.condition.isExact, sorts: select.sortsInEngine,
      pages: !select.pagesInSQL, projects: projects)
    return (
      select.rows(form.selected, withRest: select.layout.isOpen), .candidates(form, residual)
    )
  }

  /// The fields that a query in cells answers.
  static func fields(
    _ projection: Projection, _ layout: TableLayout
  ) throws(PrivataError) -> [String] {
    switch projection {
    case .all: return layout.model.fields.map(\.name)
    case .fields(let fields):
      for field in fields where layout.model.position(of: field) == nil && !layout.isOpen {
        throw PrivataError(
          .unknownField, "\(layout.model.name) has no field \(field)", fields: [field],
          model: layout.model.name)
      }
      return fields
    case .document:
      throw PrivataError(
        .badArgument, "a document projection needs the layout of documents",
        model: layout.model.name)
    }
  }
}

extension DocumentForm.Keep {
  /// The top-level fields that a projection keeps, where it does nothing else; `nil` for the
  /// engine's projections.
  init?(_ projection: Projection, _ layout: TableLayout) {
    switch projection {
    case .all: self = .all
    case .fields(let fields):
      // Documents come in the model's order, so another one is the engine's.
      let positions = fields.compactMap { layout.model.position(of: $0) }
      let isInOrder = zip(positions, positions.dropFirst()).allSatisfy { $0 < $1 }
      guard positions.count == fields.count, isInOrder else { return nil }
      self = .only(Set(fields))
    case .document(let document):
      guard let keep = Self.plain(document) else { return nil }
      self = keep
    }
  }

  private static func plain(_ projection: Document) -> Self? {
    var included: Set<String> = []
    var excluded: Set<String> = []
    for element in projection.elements {
      let isPath = element.key.utf8.contains { $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "$") }
      guard !isPath, let flag = flag(element.value) else { return nil }
      if flag { included.insert(element.key) } else { excluded.insert(element.key) }
    }
    if included.isEmpty { return excluded.isEmpty ? .all : .allBut(excluded) }
    if included == ["_id"], !excluded.isEmpty { return nil }
    guard excluded.isSubset(of: ["_id"]) else { return nil }
    if excluded.isEmpty { included.insert("_id") }
    return .only(included)
  }

  private static func flag(_ value: Value) -> Bool? {
    switch value {
    case .bool(let flag): flag
    case .int32, .int64, .double: value.asDouble.map { $0 != 0 }
    default: nil
    }
  }
}
