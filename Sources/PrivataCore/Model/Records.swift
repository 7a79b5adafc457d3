/// The records of one model in a store: the contracts of reading, writing and grouping in one value.
///
/// ```swift
/// let patients = Records<Patient>(in: vault.store)
/// try await patients.insert([Patient(id: "p1", name: "Ada")])
/// let adults = try await patients.find(\.age >= 18)
/// ```
///
/// For services that no query style should leak into; a style is the better door for everything else.
///
/// - Privacy: on a vault's store every call goes through separation, policy and audit.
public struct Records<Record: Model>: RecordReader, RecordWriter, Transactional {
  private let store: any Store

  /// The model's records in a store.
  public init(in store: any Store) { self.store = store }

  /// Makes the table or collection where it is missing.
  public func prepare() async throws(PrivataError) { try await store.prepare([Record.schema]) }

  /// The record of a key, `nil` where there is none.
  ///
  /// - Throws: `badArgument` where the model's key is more than one field.
  public func find(id: some FieldValue) async throws(PrivataError) -> Record? {
    let batch = try await store.rows(
      for: Query(Record.schema, where: try key(id), limit: 1, layout: .cells))
    return batch.isEmpty ? nil : try Record(from: batch.row(0))
  }

  /// The records that fulfil a condition, in an order.
  public func find(
    _ condition: Condition<Record>, orderedBy keys: [Order<Record>], limit: Int?
  ) async throws(PrivataError) -> [Record] {
    try await store.rows(
      for: Query(
        Record.schema, where: condition.filter, sort: keys.map(\.key), limit: limit, layout: .cells)
    ).decode(Record.self)
  }

  /// Whether there is a record of a key.
  public func contains(id: some FieldValue) async throws(PrivataError) -> Bool {
    let query = Query(Record.schema, where: try key(id), answer: .exists, layout: .cells)
    return try await store.rows(for: query).value(row: 0, column: 0) == true
  }

  /// Adds records, all or none.
  public func insert(_ records: [Record]) async throws(PrivataError) {
    guard !records.isEmpty else { return }
    let schema = Record.schema
    var writer = RowWriter(width: schema.fields.count)
    for record in records { try record.write(to: &writer) }
    let insert = Write.insert(
      Insert(schema, .cells(fields: schema.fields.map(\.name), writer.rows)))
    guard records.count > 1, let store = grouping else { return try await send(insert, to: store) }
    let transaction = try await store.begin(TransactionOptions())
    do throws(PrivataError) {
      try await send(insert, to: transaction)
      try await transaction.commit()
    } catch {
      try? await transaction.rollback()
      // People of two regions are no transaction's business; their vault keeps them together.
      guard error.code == .unsupported else { throw error }
      try await send(insert, to: store)
    }
  }

  /// The store, where it stops in the middle of an insert that fails: MongoDB, and vaults over it.
  private var grouping: (any TransactionalStore)? {
    guard !(store is any StoreTransaction), [.mongo, .vault].contains(store.traits.kind),
      store.traits.abilities.contains(.transactions)
    else { return nil }
    return store as? any TransactionalStore
  }

  private func send(_ insert: Write, to store: any Store) async throws(PrivataError) {
    let outcome = try await store.write(insert)
    if let failure = outcome.failures.first { throw failure.error }
  }

  /// Changes the records that fulfil a condition and answers how many did.
  @discardableResult
  public func update(
    _ condition: Condition<Record>, _ changes: [Change<Record>]
  ) async throws(PrivataError) -> Int {
    let update = Update(
      Record.schema, where: condition.filter, .assign(changes.map(\.assignment)), isMany: true,
      layout: .cells)
    return try await store.write(.update(update)).matched
  }

  /// Removes the records that fulfil a condition and answers how many did.
  @discardableResult
  public func delete(_ condition: Condition<Record>) async throws(PrivataError) -> Int {
    let delete = Delete(Record.schema, where: condition.filter, layout: .cells)
    return try await store.write(.delete(delete)).deleted
  }

  /// Runs the body as one transaction over these records.
  ///
  /// - Throws: `unsupported` where the store has no transactions; what the body throws.
  public func withTransaction<R>(_ body: (Records<Record>) async throws -> R) async throws -> R {
    guard let store = store as? any TransactionalStore else {
      throw PrivataError(.unsupported, "the store has no transactions", model: Record.schema.name)
    }
    return try await store.withTransaction { try await body(Records(in: $0)) }
  }

  private func key(_ id: some FieldValue) throws(PrivataError) -> Filter {
    let schema = Record.schema
    guard schema.primaryKey.count == 1 else {
      throw PrivataError(
        .badArgument, "the key of '\(schema.name)' is more than one field: find by a condition",
        fields: schema.primaryKey.map { schema.fields[$0].name }, model: schema.name)
    }
    return .compare(schema.key.name, .equal, id.value)
  }
}
