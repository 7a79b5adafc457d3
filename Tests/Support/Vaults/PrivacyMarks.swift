public import PrivataCore
import Synchronization

/// A store that marks the fields of every model before it hands it on: so any suite written for
/// plain models runs over divided ones.
public struct MarkedStore: TransactionalStore, StreamingStore, AdministrableStore,
  AggregatingStore
{
  let base: any TransactionalStore & StreamingStore & AdministrableStore
  let marks: PrivacyMarks

  public init(
    base: any TransactionalStore & StreamingStore & AdministrableStore, marks: PrivacyMarks
  ) {
    self.base = base
    self.marks = marks
  }

  public var traits: StoreTraits { base.traits }

  public func prepare(_ models: [ModelSchema]) async throws(PrivataError) {
    try await base.prepare(models.map(marks.marked))
  }
  public func rows(for query: Query) async throws(PrivataError) -> RowBatch {
    try await base.rows(for: marks.marked(query))
  }
  public func write(_ write: Write) async throws(PrivataError) -> WriteOutcome {
    try await base.write(marks.marked(write))
  }
  public func begin(_ options: TransactionOptions) async throws(PrivataError)
    -> any StoreTransaction
  {
    MarkedTransaction(base: try await base.begin(options), marks: marks)
  }
  public func stream(_ query: Query, batchSize: Int) async throws(PrivataError) -> any RowStream {
    try await base.stream(marks.marked(query), batchSize: batchSize)
  }
  public func drop(_ models: [ModelSchema]) async throws(PrivataError) {
    try await base.drop(models.map(marks.marked))
  }
  public func aggregate(
    _ stages: [Document], on model: ModelSchema, options: QueryOptions?
  ) async throws(PrivataError) -> RowBatch {
    guard let store = base as? any AggregatingStore else {
      throw PrivataError(.unsupported, "the store runs no pipelines")
    }
    return try await store.aggregate(stages, on: marks.marked(model), options: options)
  }
  public func close() async { await base.close() }
}

struct MarkedTransaction: StoreTransaction, AggregatingStore {
  let base: any StoreTransaction
  let marks: PrivacyMarks

  var traits: StoreTraits { base.traits }
  func prepare(_ models: [ModelSchema]) async throws(PrivataError) {
    try await base.prepare(models.map(marks.marked))
  }
  func rows(for query: Query) async throws(PrivataError) -> RowBatch {
    try await base.rows(for: marks.marked(query))
  }
  func write(_ write: Write) async throws(PrivataError) -> WriteOutcome {
    try await base.write(marks.marked(write))
  }
  func begin(_ options: TransactionOptions) async throws(PrivataError) -> any StoreTransaction {
    MarkedTransaction(base: try await base.begin(options), marks: marks)
  }
  func aggregate(
    _ stages: [Document], on model: ModelSchema, options: QueryOptions?
  ) async throws(PrivataError) -> RowBatch {
    guard let store = base as? any AggregatingStore else {
      throw PrivataError(.unsupported, "the store runs no pipelines")
    }
    return try await store.aggregate(stages, on: marks.marked(model), options: options)
  }
  func commit() async throws(PrivataError) { try await base.commit() }
  func rollback() async throws(PrivataError) { try await base.rollback() }
}

/// Classes for fields by their names, the same for the same seed.
public final class PrivacyMarks: Sendable, CustomStringConvertible {
  public let seed: Int
  private let known = Mutex<[ObjectIdentifier: (plain: ModelSchema, marked: ModelSchema)]>([:])

  public init(seed: Int) { self.seed = seed }

  public var description: String { "marks \(seed)" }

  func marked(_ model: ModelSchema) -> ModelSchema {
    known.withLock { known in
      if let pair = known[ObjectIdentifier(model)] { return pair.marked }
      let marked = mark(model)
      known[ObjectIdentifier(model)] = (model, marked)
      return marked
    }
  }

  private func mark(_ model: ModelSchema) -> ModelSchema {
    let fields = model.fields.enumerated().map { position, field in
      var field = field
      if model.primaryKey.contains(position) { return field }
      field.privacy = privacy(of: field.name, in: model)
      return field
    }
    return ModelSchema(
      name: model.name, collection: model.collection, namespace: model.namespace, fields: fields,
      primaryKey: model.primaryKey.map { model.fields[$0].name }, indexes: model.indexes,
      isOpen: model.isOpen)
  }

  private func privacy(of name: String, in model: ModelSchema) -> Privacy {
    // A unique index has to stay in one half.
    for index in model.indexes
    where index.isUnique && index.parts.contains(where: { $0.field == name }) {
      return seed % 2 == 0 ? .phi : .pii
    }
    var hash = UInt64(seed) &* 0x9E37_79B9_7F4A_7C15
    for byte in name.utf8 { hash = (hash ^ UInt64(byte)) &* 1_099_511_628_211 }
    return [.pii, .phi, .open][Int((hash >> 33) % 3)]
  }

  func marked(_ query: Query) -> Query {
    var query = query
    query.model = marked(query.model)
    return query
  }

  func marked(_ write: Write) -> Write {
    switch write {
    case .insert(var insert):
      insert.model = marked(insert.model)
      return .insert(insert)
    case .update(var update):
      update.model = marked(update.model)
      return .update(update)
    case .delete(var delete):
      delete.model = marked(delete.model)
      return .delete(delete)
    case .bulk(let writes, let isOrdered): return .bulk(writes.map(marked), isOrdered: isOrdered)
    }
  }
}
