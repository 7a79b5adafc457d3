internal import Crypto
internal import PrivataCore
internal import Synchronization

/// The keys that wrap data keys: one per store and epoch, wrapped themselves by the root key. An
/// epoch's key is destroyed once its backups are, and with it every backup of the keys it wrapped.
final class EpochKeys: Sendable {
  /// A row of the key store.
  struct Row: Sendable {
    let id: KeyID
    let store: String
    let number: Int
    let wrapped: WrappedKey?
    let state: KeyState
    let at: DateTime
    let endedAt: DateTime?
  }

  let store: any Store
  let region: String
  let service: any KeyManagementService
  private let known = Mutex<[KeyID: SymmetricKey]>([:])
  private let active = Mutex<[String: KeyID]>([:])
  /// The key service is asked for one key once, however many wait for it.
  private let flights = SingleFlight<KeyID>()

  init(store: any Store, region: String, service: any KeyManagementService) {
    self.store = store
    self.region = region
    self.service = service
  }

  private func context(_ id: KeyID, _ store: String, _ number: Int) -> [UInt8] {
    AssociatedData.key(id, region: region, store: "epoch/" + store, version: number)
  }

  /// The key that wraps new data keys of a store.
  func current(_ store: String) async throws(PrivataError) -> (id: KeyID, key: SymmetricKey) {
    if let id = active.withLock({ $0[store] }), let key = known.withLock({ $0[id] }) {
      return (id, key)
    }
    for _ in 0..<8 {
      let rows = try await rows(store)
      if let last = rows.filter({ $0.state == .active }).max(by: { $0.number < $1.number }) {
        let key = try await unwrapped(last)
        active.withLock { $0[store] = last.id }
        return (last.id, key)
      }
      do {
        try await make(store, (rows.map(\.number).max() ?? 0) + 1)
      } catch let error where error.code == .duplicateKey {
        // Another process made it in between.
        continue
      }
    }
    throw PrivataError(.writeConflict, "an epoch key could not be made", isRetriable: true)
  }

  /// The key of an id.
  func key(_ id: KeyID) async throws(PrivataError) -> SymmetricKey {
    if let key = known.withLock({ $0[id] }) { return key }
    guard let row = try await rows(nil).first(where: { $0.id == id }) else {
      throw PrivataError(.unknownKey, "the key store has no epoch key for a data key")
    }
    return try await unwrapped(row)
  }

  private func unwrapped(_ row: Row) async throws(PrivataError) -> SymmetricKey {
    guard let wrapped = row.wrapped else {
      throw PrivataError(.keyShredded, "an epoch key was destroyed, and what it wrapped with it")
    }
    await flights.enter(row.id)
    defer { flights.leave(row.id) }
    if let key = known.withLock({ $0[row.id] }) { return key }
    var bytes = try await service.unwrap(wrapped, context: context(row.id, row.store, row.number))
    let key = SymmetricKey(data: bytes)
    SecureBytes.wipe(&bytes)
    known.withLock { $0[row.id] = key }
    return key
  }

  /// Makes an epoch's key.
  func make(_ store: String, _ number: Int) async throws(PrivataError) {
    let id = KeyID.random()
    let wrapped = try await service.wrap(
      SecureBytes.random(32), context: context(id, store, number))
    var row = RowBatch(width: KeyModels.epochs.fields.count)
    row.append(id.value)
    row.append(text: store)
    row.append(text: region)
    row.append(int32: Int32(number))
    row.append(text: wrapped.rootID)
    row.append(.bytes, bytes: wrapped.bytes)
    row.append(text: KeyState.active.rawValue)
    row.append(date: .now)
    row.appendNull()
    row.append(text: "\(region)/\(store)/\(number)")
    let insert = Insert(
      KeyModels.epochs, .cells(fields: KeyModels.epochs.fields.map(\.name), row))
    do throws(PrivataError) {
      let outcome = try await self.store.write(.insert(insert))
      if let failure = outcome.failures.first { throw failure.error }
    } catch {
      throw error.code == .duplicateKey ? error : SubjectKeys.unavailable(error)
    }
    active.withLock { $0[store] = nil }
  }

  /// The epochs of a store, or of all.
  func rows(_ store: String?) async throws(PrivataError) -> [Row] {
    var filter = Filter.compare("region", .equal, .string(region))
    if let store { filter = filter.and(.compare("store", .equal, .string(store))) }
    let query = Query(
      KeyModels.epochs, where: filter,
      projection: .fields(["_id", "store", "number", "root", "wrapped", "state", "at", "endedAt"]),
      sort: [SortKey("number")], layout: .cells)
    let batch: RowBatch
    do { batch = try await self.store.rows(for: query) } catch {
      throw SubjectKeys.unavailable(error)
    }
    return (0..<batch.count).compactMap { row in
      let value = { batch.value(row: row, column: $0) }
      guard let id = KeyID(value(0)), let store = value(1)?.asString,
        let number = value(2)?.asInt, let state = value(5)?.asString.flatMap(KeyState.init),
        case .date(let at)? = value(6)
      else { return nil }
      var wrapped: WrappedKey?
      if let root = value(3)?.asString, let bytes = value(4)?.asBytes {
        wrapped = WrappedKey(rootID: root, bytes: bytes)
      }
      var endedAt: DateTime?
      if case .date(let date)? = value(7) { endedAt = date }
      return Row(
        id: id, store: store, number: number, wrapped: wrapped, state: state, at: at,
        endedAt: endedAt)
    }
  }

  /// Changes a row.
  func set(_ id: KeyID, _ changes: [Assignment]) async throws(PrivataError) {
    let update = Update(
      KeyModels.epochs, where: .compare("_id", .equal, id.value), .assign(changes), layout: .cells)
    do { _ = try await store.write(.update(update)) } catch {
      throw SubjectKeys.unavailable(error)
    }
  }

  /// Wraps an epoch's key anew, with the service's key of today.
  func rewrap(_ row: Row) async throws(PrivataError) {
    guard let wrapped = row.wrapped else { return }
    let bound = context(row.id, row.store, row.number)
    let bytes = try await service.unwrap(wrapped, context: bound)
    let anew = try await service.wrap(bytes, context: bound)
    try await set(
      row.id,
      [
        Assignment("root", .string(anew.rootID)),
        Assignment("wrapped", .binary(Binary(anew.bytes))),
      ])
  }

  /// Forgets an epoch's key.
  func forget(_ id: KeyID) {
    known.withLock { $0[id] = nil }
    active.withLock { active in active = active.filter { $0.value != id } }
  }

  /// Forgets which epochs are current.
  func forgetCurrent() { active.withLock { $0 = [:] } }
}
