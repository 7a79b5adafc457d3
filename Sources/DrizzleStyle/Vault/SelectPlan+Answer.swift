internal import PrivataCore
internal import PrivataSQL

extension SelectPlan {
  /// The rows as cells: one per selected field, in order.
  func answer(on database: DatabaseHandle?) async throws(PrivataError) -> RowBatch {
    guard let session = database?.session else {
      throw PrivataError(.badArgument, "the query was built without a database to run on")
    }
    if session.executor == nil { return try await StoreSelect(self, session).rows() }
    if let (rendered, template) = try CompiledSelect.find(self, session.dialect) {
      return try await session.run(rendered, template: template).result.rows
    }
    let rendered = try RenderedSQL(.select(self), session.dialect)
    return try await session.run(rendered).result.rows
  }

  /// The rows as documents, from a store that takes no SQL.
  func documents(from session: Session) async throws(PrivataError) -> [Document] {
    var plan = self
    plan.usesMarkers = false
    if plan.isCount {
      let count = try await StoreSelect(plan, session).count()
      return [["count": .int(count)]]
    }
    guard let shape = try RenderedSQL(.select(plan), .sqlite).shape else { return [] }
    let batch = try await StoreSelect(plan, session).rows()
    var documents: [Document] = []
    for row in 0..<batch.count {
      let answers = (0..<batch.width).map { column in
        Answer(batch.value(row: row, column: column) ?? .null, .decoded)
      }
      documents.append(try shape.document(answers))
    }
    return documents
  }

  /// True for the query of ``QueryInterface/count(_:where:)-(QuerySource,_)``.
  private var isCount: Bool {
    guard let fields, fields.fields.count == 1,
      case .expression(let fragment) = fields.fields[0].field,
      fragment.chunks.count == 1, case .text("count(*)") = fragment.chunks[0]
    else { return false }
    return true
  }
}
