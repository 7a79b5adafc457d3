internal import PrivataCore

/// `take`, `skip`, `cursor` and `distinct` of a call.
struct Page: Sendable {
  let model: PrismaModel
  var take: Int?
  var skip: Int
  var cursor: Document
  var distinct: [String]

  init(_ arguments: Arguments) throws(PrivataError) {
    model = arguments.model
    take = try arguments.integer("take")
    skip = try arguments.integer("skip") ?? 0
    cursor = try arguments.document("cursor")
    switch arguments["distinct"] {
    case nil: distinct = []
    case .string(let name)?: distinct = [name]
    case let value?: distinct = value.asArray?.compactMap(\.asString) ?? []
    }
    if skip < 0 {
      throw .refused("'skip' cannot be negative", model: model.name, fields: ["skip"])
    }
    for name in distinct where model.schema.field(name) == nil {
      throw .refused("\(model.name) has no field '\(name)'", model: model.name, fields: [name])
    }
  }

  /// True where records have to be cut here rather than by the store.
  var isWindowed: Bool { !cursor.isEmpty || !distinct.isEmpty }

  /// The fields that cutting looks at.
  func fields(of model: PrismaModel) -> [String] { distinct }

  /// A limit and whether it counts from the end.
  func reversing(_ take: Int?) -> (limit: Int?, isReversed: Bool) {
    take.map { $0 < 0 ? (-$0, true) : ($0, false) } ?? (nil, false)
  }

  /// The key of the record that the cursor names; `nil` where there is no cursor or no such record.
  func cursorKey(_ client: PrismaClient) async throws(PrivataError) -> Value? {
    guard !cursor.isEmpty else { return nil }
    let key = model.schema.key.name
    if cursor.count == 1, let value = cursor[key] {
      return try model.schema.key.coerce(value, model: model.name)
    }
    let filter = try await WhereCompiler(client: client).filter(cursor, model)
    let batch = try await client.store.rows(
      for: Query(
        model.schema, where: filter, projection: .fields([key]), limit: 1, layout: .cells))
    return batch.isEmpty ? Value?.none : batch.value(row: 0, column: 0)
  }

  /// The part of the ordered records that the page asks for. `rows` pairs what is looked at with what
  /// is answered; `start` is the key of the cursor's record.
  func cut<R>(_ rows: [(row: Document, answer: R)], from start: Value?) -> [R] {
    var rows = unique(rows)
    let isBackward = (take ?? 0) < 0
    if isBackward { rows.reverse() }
    if !cursor.isEmpty {
      guard let place = place(of: start, in: rows, isBackward) else { return [] }
      rows.removeFirst(place)
    }
    rows = Array(rows.dropFirst(skip))
    if let take { rows = Array(rows.prefix(abs(take))) }
    if isBackward { rows.reverse() }
    return rows.map(\.answer)
  }

  /// Where the cursor's record is, or would be where it does not match the filter itself.
  private func place<R>(
    of start: Value?, in rows: [(row: Document, answer: R)], _ isBackward: Bool
  ) -> Int? {
    guard let start else { return nil }
    let key = model.schema.key.name
    if let exact = rows.firstIndex(where: { $0.row[key] == start }) { return exact }
    guard rows.contains(where: { $0.row[key] != nil }) else { return nil }
    return rows.firstIndex {
      let order = Value.order($0.row[key] ?? .null, start)
      return isBackward ? order < 0 : order > 0
    }
  }

  private func unique<R>(_ rows: [(row: Document, answer: R)]) -> [(row: Document, answer: R)] {
    guard !distinct.isEmpty else { return rows }
    var seen: Set<[Value]> = []
    return rows.filter { row in seen.insert(distinct.map { row.row[$0] ?? .null }).inserted }
  }
}
