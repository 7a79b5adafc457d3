import PrivataCore
import PrivataTesting
import Testing

@testable import PrivataCompliance

/// The store that seals, by itself: closed models, changes in one call, and stores that cannot do all.
@Suite struct EncryptedStoreTests {
  private static let dose = ModelSchema(
    name: "Dose", collection: "doses",
    fields: [
      FieldSchema("_id", .int32, isOptional: false),
      FieldSchema("code", .int32, privacy: .phi, encryption: .encrypted(index: .equality)),
      FieldSchema("name", .string, privacy: .phi, encryption: .encrypted(index: .equality)),
      FieldSchema("amount", .double, privacy: .phi, encryption: .encrypted),
      FieldSchema("ward", .string), FieldSchema("other", .string),
    ])

  private static let plain = ModelSchema(
    name: "Plain", collection: "plain",
    fields: [FieldSchema("_id", .int32, isOptional: false), FieldSchema("n", .int32)])

  private func open(_ inner: any Store) async throws -> (store: EncryptedStore, model: ModelSchema)
  {
    let registry = SeparationRegistry(
      names: PhysicalNames(clinicalSuffix: "", usesIDKey: false), encrypts: true)
    registry.register([Self.dose, Self.plain])
    let own = VaultKeys(master: Array(repeating: 3, count: 32))
    let memory = MemoryStore(name: "keys")
    let keys = try await SubjectKeys(
      store: memory, options: EncryptionOptions(keyStore: .store(memory)),
      service: DerivedKeyService(own.root), subjects: own.subjects)
    let separation = try registry.separation(of: Self.dose)
    let model = try #require(separation.clinical)
    let store = EncryptedStore(inner, plans: registry, keys: keys)
    try await store.prepare([model, Self.plain])
    return (store, model)
  }

  private func insert(_ store: any Store, _ model: ModelSchema, _ ids: [Int32]) async throws {
    let fields = ["_id", "code", "name", "amount", "ward"]
    var rows = RowBatch(width: fields.count)
    for id in ids {
      rows.append(int32: id)
      rows.append(int32: id * 10)
      rows.append(text: "name \(id)")
      rows.append(.double(0.5))
      rows.append(text: "north")
    }
    let outcome = try await store.write(.insert(Insert(model, .cells(fields: fields, rows))))
    if let failure = outcome.failures.first { throw failure.error }
  }

  private func names(
    _ store: any Store, _ model: ModelSchema, _ filter: Filter = .all
  ) async throws -> [String?] {
    let rows = try await store.rows(
      for: Query(
        model, where: filter, projection: .fields(["name"]), sort: [SortKey("_id")],
        layout: .cells))
    return (0..<rows.count).map { rows.value(row: $0, column: 0)?.asString }
  }

  @Test func givenValuesAndTheirTagsComeAndGo() async throws {
    let (store, model) = try await open(MemoryStore(name: "inner"))
    try await insert(store, model, [1, 2, 3])
    #expect(try await names(store, model, .compare("code", .equal, .int64(20))) == ["name 2"])
    #expect(try await names(store, model, .compare("code", .equal, .double(30))) == ["name 3"])
    let first = Filter.compare("_id", .equal, .int32(1))
    let change = Update(
      model, where: first,
      .assign([
        Assignment("name", .string("new")), Assignment("code", .int32(7)),
        Assignment("ward", .string("south")),
      ]), layout: .cells)
    #expect(try await store.write(.update(change)).matched == 1)
    #expect(try await names(store, model, .compare("code", .equal, .int32(7))) == ["new"])
    #expect(try await names(store, model, .compare("code", .equal, .int32(10))).isEmpty)
    let removal = Update(
      model, where: first, .assign([Assignment("name", .null, .unset)]), layout: .cells)
    _ = try await store.write(.update(removal))
    #expect(try await names(store, model, .compare("name", .equal, .string("new"))).isEmpty)
    #expect(try await names(store, model) == [nil, "name 2", "name 3"])
  }

  /// One of several changes fails: in order the rest is left out, else it is done.
  @Test(arguments: [true, false]) func severalChangesInOneCall(_ isOrdered: Bool) async throws {
    let (store, model) = try await open(MemoryStore(name: "inner"))
    try await insert(store, model, [1, 2, 3])
    let outcome = try await store.write(
      .bulk(
        [
          .update(
            Update(
              model, where: .compare("_id", .equal, .int32(1)),
              .assign([Assignment("name", .string("new"))]), layout: .cells)),
          .delete(Delete(model, where: .compare("name", .less, .string("x")), layout: .cells)),
          .delete(
            Delete(model, where: .compare("name", .equal, .string("name 2")), layout: .cells)),
        ], isOrdered: isOrdered))
    #expect(outcome.failures.map(\.index) == [1])
    #expect(outcome.failures.first?.error.code == .unsupported)
    #expect(
      try await names(store, model)
        == (isOrdered ? ["new", "name 2", "name 3"] : ["new", "name 3"])
    )
  }

  @Test func whatIsNotEncryptedPasses() async throws {
    let (store, _) = try await open(MemoryStore(name: "inner"))
    var rows = RowBatch(width: 2)
    rows.append(int32: 1)
    rows.append(int32: 5)
    _ = try await store.write(.insert(Insert(Self.plain, .cells(fields: ["_id", "n"], rows))))
    #expect(try await store.rows(for: Query(Self.plain)).count == 1)
    let transaction = try await store.begin(TransactionOptions())
    try await transaction.prepare([Self.plain])
    let nested = Delete(Self.plain, where: .all, layout: .cells)
    _ = try await transaction.write(.delete(nested))
    #expect(try await transaction.rows(for: Query(Self.plain)).isEmpty)
    #expect(transaction.traits.kind == .memory)
    try await transaction.rollback()
    #expect(try await store.rows(for: Query(Self.plain)).count == 1)
    let stream = try await store.stream(Query(Self.plain), batchSize: 10)
    #expect(try await stream.next()?.count == 1)
    await stream.close()
    try await store.drop([Self.plain])
  }

  @Test func whatTheStoreCannotDoIsNamed() async throws {
    let (store, model) = try await open(UnsteadyStore(MemoryStore(name: "inner")))
    #expect(await code { _ = try await store.begin(TransactionOptions()) } == .unsupported)
    #expect(
      await code { _ = try await store.stream(Query(Self.plain), batchSize: 1) } == .unsupported)
    #expect(
      await code { _ = try await store.aggregate([], on: Self.plain, options: nil) }
        == .unsupported)
    let (whole, other) = try await open(MemoryStore(name: "inner"))
    #expect(
      await code { _ = try await whole.aggregate([], on: other, options: nil) } == .unsupported)
    try await store.drop([model])
  }

  static let refusals: [Filter] = [
    .compareFields("name", .equal, "ward"), .compareFields("ward", .equal, "name"),
    .text("name", .contains, "x", ignoringCase: false),
    .list("name", .hasSome, [.string("x")]),
    .document(["$expr": ["$eq": ["$name", "$ward"]]]),
    .compare("amount", .equal, .double(0.5)),
  ]

  @Test(arguments: 0..<refusals.count) func whatNoTagAnswersIsRefused(_ row: Int) async throws {
    let (store, model) = try await open(MemoryStore(name: "inner"))
    let error = await failure {
      _ = try await store.rows(for: Query(model, where: Self.refusals[row], layout: .cells))
    }
    #expect(error?.code == .unsupported)
  }

  @Test func aRecordWithoutItsKeyIsRefused() async throws {
    let (store, model) = try await open(MemoryStore(name: "inner"))
    var rows = RowBatch(width: 1)
    rows.append(text: "nobody")
    let batch = rows
    let error = await failure {
      _ = try await store.write(.insert(Insert(model, .cells(fields: ["name"], batch))))
    }
    #expect(error?.code == .missingField)
  }
}
