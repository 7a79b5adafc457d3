internal import PrivataCore
internal import Synchronization

/// The store under test, and what checks do with it again and again.
final class ConformanceContext: Sendable {
  let store: any Store
  let name: String
  private let models = Mutex<[ModelSchema]>([])

  init(store: any Store, name: String) {
    self.store = store
    self.name = name
  }

  /// Makes the models' collections anew.
  func prepare(_ models: [ModelSchema]) async throws {
    try await (store as? any AdministrableStore)?.drop(models)
    try await store.prepare(models)
    self.models.withLock { $0 += models }
  }

  func dropAll() async throws {
    let models = models.withLock { models in
      defer { models = [] }
      return models
    }
    try await (store as? any AdministrableStore)?.drop(models)
  }

  // MARK: Documents

  @discardableResult
  func insert(_ documents: [Document], into model: ModelSchema) async throws -> WriteOutcome {
    try await store.write(.insert(Insert(model, .documents(documents))))
  }

  func find(
    _ model: ModelSchema, _ filter: Filter = .all, sort: [SortKey] = [SortKey("_id")],
    projection: Projection = .all, skip: Int = 0, limit: Int? = nil, options: QueryOptions? = nil,
    on other: (any Store)? = nil
  ) async throws -> [Document] {
    let query = Query(
      model, where: filter, projection: projection, sort: sort, skip: skip, limit: limit,
      options: options)
    return try await (other ?? store).rows(for: query).documents
  }

  func count(
    _ model: ModelSchema, _ filter: Filter = .all, on other: (any Store)? = nil
  ) async throws -> Int {
    let rows = try await (other ?? store).rows(for: Query(model, where: filter, answer: .count))
    return rows.value(row: 0, column: 0)?.asInt ?? -1
  }

  // MARK: Comparing

  /// Collects differences, so that one check shows them all.
  func differences(_ body: (inout [String]) async throws -> Void) async throws {
    var found: [String] = []
    try await body(&found)
    if !found.isEmpty { throw ConformanceFailure(differences: found) }
  }

  func expect(_ condition: Bool, _ what: String) throws {
    if !condition { throw ConformanceFailure(differences: [what]) }
  }

  func expectEqual<T: Equatable>(_ found: T, _ wanted: T, _ what: String) throws {
    try expect(found == wanted, "\(what): found \(found), wanted \(wanted)")
  }

  func expectSame(_ found: [Document], _ wanted: [Document], _ what: String) throws {
    try expect(
      found.map(Self.canonical) == wanted.map(Self.canonical),
      "\(what): found \(found.map(Self.text)), wanted \(wanted.map(Self.text))")
  }

  /// The error that the body throws; a failure where it throws none.
  func error(_ what: String, _ body: () async throws -> Void) async throws -> PrivataError {
    do {
      try await body()
    } catch let error as PrivataError {
      return error
    }
    throw ConformanceFailure(differences: ["\(what): no error was thrown"])
  }

  func expectError(
    _ code: PrivataError.Code, _ what: String, _ body: () async throws -> Void
  ) async throws {
    let found = try await error(what, body)
    try expectEqual(found.code, code, what)
  }

  /// A document's bytes with its top-level keys in order: stores may keep their own order there.
  static func canonical(_ document: Document) -> [UInt8] {
    Document(document.elements.sorted { Value.order(.string($0.key), .string($1.key)) < 0 }).bson
  }

  static func text(_ values: [Value]) -> String { Value.array(values).extendedJSON(.relaxed) }

  static func text(_ document: Document) -> String { document.extendedJSON(.canonical) }
}
