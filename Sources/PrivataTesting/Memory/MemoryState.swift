internal import PrivataCore

/// All records of a ``MemoryStore``: a value, so that a snapshot is a copy.
struct MemoryState: Sendable {
  var tables: [String: MemoryTable] = [:]
  /// In a transaction: the rows that it changed, by collection.
  var touched: [String: Set<Int>] = [:]
  var isClosed = false

  func checkOpen() throws(PrivataError) {
    if isClosed { throw PrivataError(.closed, "the memory store is closed") }
  }

  mutating func prepare(_ models: [ModelSchema]) throws(PrivataError) {
    try checkOpen()
    for model in models {
      let key = Self.key(model)
      let rows = tables[key]?.rows ?? []
      var table = try MemoryTable(model)
      for row in rows { try table.adopt(row) }
      table.continueCounting(after: tables[key])
      tables[key] = table
    }
  }

  mutating func drop(_ models: [ModelSchema]) throws(PrivataError) {
    try checkOpen()
    for model in models { tables[Self.key(model)] = nil }
  }

  static func key(_ model: ModelSchema) -> String {
    model.namespace.map { $0 + "." + model.collection } ?? model.collection
  }

  /// The records of a model; a collection comes into being when it is first named.
  func table(_ model: ModelSchema) throws(PrivataError) -> MemoryTable {
    try checkOpen()
    if let table = tables[Self.key(model)] { return table }
    return try MemoryTable(model)
  }

  static func announce(_ query: Query) {
    let kind =
      switch query.answer {
      case .count: "count"
      case .distinct: "distinct"
      default: "find"
      }
    announce(kind, query.model)
  }

  static func announce(_ write: Write) {
    switch write {
    case .insert(let insert): announce("insert", insert.model)
    case .update(let update): announce("update", update.model)
    case .delete(let delete): announce("delete", delete.model)
    case .bulk(let writes, _): if let first = writes.first { announce(first) }
    }
  }

  private static func announce(_ kind: String, _ model: ModelSchema) {
    StatementLog.observer?.willSend(
      StatementRecord(kind: kind, collection: model.collection, text: kind))
  }
}
