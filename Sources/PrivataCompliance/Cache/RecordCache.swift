internal import PrivataCore
internal import Synchronization

/// The records that a vault read by their key, and what makes them stale.
///
/// An entry carries the stamps that its record, its model and the whole cache had *before* it was
/// read. A write moves a stamp on before it is acknowledged; an entry counts only while all its stamps
/// stand, so a read that was under way during a write cannot leave its old record behind.
final class RecordCache: Sendable {
  /// What was read: the same record with other fields or in another form is another entry.
  struct Key: Hashable, Sendable {
    let model: String
    let record: Value
    let projection: Projection
    let layout: RowLayout
    /// Where the record's mark is.
    fileprivate let place: RecordPlace

    /// The key of a query for one record, `nil` for any other.
    init?(_ query: Query, _ separation: Separation) {
      guard query.answer == .rows, query.skip == 0, query.options == nil, query.limit != 0,
        let record = query.filter.record(of: query.model)
      else { return nil }
      model = query.model.name
      self.record = record.lookupKey
      projection = query.projection
      layout = query.layout
      place = RecordPlace(separation.nameHash, self.record)
    }

    static func == (a: Key, b: Key) -> Bool {
      a.place == b.place && a.record == b.record && a.layout == b.layout
        && a.projection == b.projection && a.model == b.model
    }

    func hash(into hasher: inout Hasher) { hasher.combine(place.hash) }
  }

  /// What has to stand for an entry to count.
  struct Stamps: Equatable, Sendable {
    let whole: UInt64
    let model: UInt64
    let record: UInt64
  }

  /// A record with what its reading says in the audit log, which is the same each time.
  struct Entry: Sendable {
    let batch: RowBatch
    let scope: AuditScope
    let references: [RecordReference]
    fileprivate let stamps: Stamps
  }

  private struct Marks {
    var whole: UInt64 = 0
    /// By parts of hashes: models, and records, that share a mark are dropped together.
    var models = [UInt64](repeating: 0, count: 256)
    var records = [UInt64](repeating: 0, count: 4_096)
  }

  private let entries: MemoryCache<Key, Entry>
  private let marks = Mutex(Marks())
  /// What sessions read that can end: it goes with them.
  private let sessions = Mutex<[AccessSession: Set<Key>]>([:])
  private let flights = SingleFlight<Key>()
  private let lifetime: Duration
  private let health: Duration?
  private let hits = Atomic(0)
  private let misses = Atomic(0)

  init(_ options: CacheOptions) {
    entries = MemoryCache(entries: options.entries, bytes: options.bytes) {
      $0.batch.byteCount + $0.batch.count * $0.batch.width * 16 + $0.references.count * 16 + 128
    }
    lifetime = options.lifetime
    health = options.health
  }

  /// What a query's answer is kept as, and for how long; `nil` for one that is not kept.
  func place(_ query: Query, _ separation: Separation) -> (key: Key, lifetime: Duration)? {
    guard let key = Key(query, separation) else { return nil }
    if !separation.hasHealth || health == lifetime { return (key, lifetime) }
    guard separation.readsHealth(query.projection) else { return (key, lifetime) }
    return health.map { (key, min($0, lifetime)) }
  }

  /// The record from the cache, or read once, however many callers miss it at the same time.
  ///
  /// - Parameter references: names a record that was read, for the audit log.
  func rows(
    _ key: Key, _ lifetime: Duration, scope: AuditScope,
    references: (RowBatch) -> [RecordReference],
    _ read: () async throws(PrivataError) -> RowBatch
  ) async throws(PrivataError) -> RowBatch {
    if let known = hit(key) { return known.batch }
    await flights.enter(key)
    defer { flights.leave(key) }
    // Who waited finds what the one before has read.
    if let known = hit(key) { return known.batch }
    misses.add(1, ordering: .relaxed)
    let stamps = stamps(key.place)
    let batch = try await read()
    if !batch.isEmpty {
      let entry = Entry(
        batch: batch, scope: scope, references: references(batch), stamps: stamps)
      entries.set(entry, for: key, lifetime: lifetime)
    }
    return batch
  }

  /// The record from the cache, counted as a hit.
  private func hit(_ key: Key) -> Entry? {
    guard let known = known(key) else { return nil }
    countHit()
    return known
  }

  /// Counts an answer from the cache.
  func countHit() { hits.add(1, ordering: .relaxed) }

  /// The record from the cache, as it still counts.
  func known(_ key: Key) -> Entry? {
    guard let entry = entries.value(for: key) else { return nil }
    guard entry.stamps == stamps(key.place) else {
      entries.remove(key)
      return nil
    }
    return entry
  }

  private func stamps(_ place: RecordPlace) -> Stamps {
    marks.withLock { marks in
      Stamps(
        whole: marks.whole, model: marks.models[place.model], record: marks.records[place.record])
    }
  }

  // MARK: - Sessions

  /// Notes that a session read a record, so that it goes with the session.
  func note(_ key: Key, of session: AccessSession) {
    let many = sessions.withLock { sessions -> Set<Key>? in
      sessions[session, default: []].insert(key)
      guard sessions[session]?.count ?? 0 > Self.sessionBound else { return nil }
      return sessions.removeValue(forKey: session)
    }
    // So many that to remember them costs more than to read them again.
    for key in many ?? [] { entries.remove(key) }
  }

  private static let sessionBound = 10_000

  /// Drops what sessions read that are over.
  func dropEndedSessions() {
    let gone = sessions.withLock { sessions in
      let ended = sessions.filter { !$0.key.isLive }
      for session in ended.keys { sessions[session] = nil }
      return ended.values
    }
    for keys in gone { for key in keys { entries.remove(key) } }
  }

  // MARK: - What makes entries stale

  /// Drops what a write may have changed.
  func forget(_ change: RecordChange) {
    switch change {
    case .none: return
    case .record(let model, let value):
      let place = RecordPlace(RecordPlace.hash(of: model), value.lookupKey)
      marks.withLock { $0.records[place.record] += 1 }
    case .model(let model):
      let place = RecordPlace(RecordPlace.hash(of: model), .null)
      marks.withLock { $0.models[place.model] += 1 }
    case .all: removeAll()
    }
  }

  /// What the cache did since the vault was opened.
  var statistics: CacheStatistics {
    let (count, bytes) = entries.usage
    return CacheStatistics(
      hits: hits.load(ordering: .relaxed), misses: misses.load(ordering: .relaxed),
      evictions: entries.evictions, entries: count, bytes: bytes)
  }

  /// Drops everything, now and not only when it is asked for: after an erasure no copy may stay.
  func removeAll() {
    marks.withLock { $0.whole += 1 }
    entries.removeAll { _ in true }
  }
}

/// Where the marks of a record and of its model are. The hash is quick and the same for equal ids,
/// whatever integer type they came in; records that share a mark cost a read too many, no more.
struct RecordPlace: Sendable, Equatable {
  let hash: UInt64
  private let modelHash: UInt64

  init(_ modelHash: UInt64, _ record: Value) {
    self.modelHash = modelHash
    hash = Self.mixed(modelHash ^ Self.bits(of: record))
  }

  var model: Int { Int(truncatingIfNeeded: modelHash & 255) }
  var record: Int { Int(truncatingIfNeeded: hash & 4_095) }

  /// The hash of a model's name.
  static func hash(of model: String) -> UInt64 {
    mixed(model.utf8.reduce(0x9E37_79B9_7F4A_7C15) { ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01B3 })
  }

  /// The bits of a value that is its own look-up key.
  private static func bits(of record: Value) -> UInt64 {
    switch record {
    case .objectID(let id): return mixed(id.high) ^ UInt64(id.low)
    case .int64(let number): return UInt64(bitPattern: number)
    default:
      var hasher = Hasher()
      hasher.combine(record)
      return UInt64(truncatingIfNeeded: hasher.finalize())
    }
  }

  private static func mixed(_ bits: UInt64) -> UInt64 {
    var bits = (bits ^ bits >> 33) &* 0xFF51_AFD7_ED55_8CCD
    bits = (bits ^ bits >> 29) &* 0xC4CE_B9FE_1A85_EC53
    return bits ^ bits >> 32
  }
}

/// Which cached records a write may have changed.
enum RecordChange: Sendable, Hashable {
  case none
  case record(String, Value)
  case model(String)
  /// Also of other models: a delete follows references.
  case all
}

extension RecordChange {
  init(_ write: Write) {
    switch write {
    case .insert(let insert):
      if case .update = insert.onConflict { self = .model(insert.model.name) } else { self = .none }
    case .update(let update):
      self = Self.update(update)
    case .delete: self = .all
    case .bulk(let parts, _):
      let changes = Set(parts.map { RecordChange($0) }).subtracting([.none])
      self = changes.count > 1 ? .all : changes.first ?? .none
    }
  }

  private static func update(_ update: Update) -> RecordChange {
    let model = update.model
    if case .assign(let changes) = update.changes,
      changes.contains(where: {
        model.position(of: $0.field).map(model.primaryKey.contains) == true
      })
    {
      // Others may refer to the key that changes.
      return .all
    }
    guard !update.isUpsert, let record = update.filter.record(of: model) else {
      return .model(model.name)
    }
    return .record(model.name, record)
  }
}

extension Filter {
  /// The key of the one record that the filter can mean.
  func record(of model: ModelSchema) -> Value? {
    guard model.primaryKey.count == 1 else { return nil }
    let key = model.key.name
    switch self {
    case .compare(let field, .equal, let value) where field == key: return value
    case .document(let document) where document.count == 1:
      switch document[key] {
      case nil, .document, .array, .null, .undefined, .regex: return nil
      case let value: return value
      }
    default: return nil
    }
  }
}
