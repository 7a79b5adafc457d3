internal import Crypto
internal import PrivataCore
internal import Synchronization

/// The keys of encrypted fields: one per person and store, made when first needed, kept wrapped in
/// the key store and for a while in memory.
///
/// A key in memory may be used only while the process holds a lease: it asks the key store at least
/// once per ``EncryptionOptions/leaseSeconds`` whether keys were destroyed, so that an erasure can be
/// attested although a process is cut off.
final class SubjectKeys: Sendable {
  let store: any Store
  let options: EncryptionOptions
  let epochs: EpochKeys
  /// The name under which this process leases.
  let process: String
  private let subjects: SymmetricKey
  let cache: Mutex<KeyCache>
  let keeper = Mutex<OwnedTask?>(nil)
  /// How far an exchange of the key of the tags is, and the keys by version.
  let indexState = Mutex(IndexState())

  var region: String { options.region }

  init(
    store: any Store, options: EncryptionOptions, service: any KeyManagementService,
    subjects: SymmetricKey
  ) async throws(PrivataError) {
    self.store = store
    self.options = options
    self.subjects = subjects
    epochs = EpochKeys(store: store, region: options.region, service: service)
    process = Hexadecimal.text(SecureBytes.random(16))
    cache = Mutex(KeyCache(bound: options.cachedKeys))
    try await store.prepare(KeyModels.all)
  }

  /// Where the keys of a person in a store are: a keyed hash of the pseudonym.
  func slot(_ subject: String?, _ store: String) -> [UInt8] {
    var bytes = ByteWriter()
    bytes.append(text: store)
    bytes.append(text: options.region)
    bytes.append(text: subject ?? "")
    let code = HMAC<SHA256>.authenticationCode(for: bytes.bytes, using: subjects)
    return Array(code.prefix(16))
  }

  // MARK: - To seal with

  /// The keys to seal with, by pseudonym; `counts` says how many values each is to seal at most.
  func sealing(
    _ counts: [String?: Int], store: String
  ) async throws(PrivataError) -> [String?: DataKey] {
    try await checkLease()
    var keys: [String?: DataKey] = [:]
    var wanted: [SlotNeed] = []
    for (subject, count) in counts {
      let slot = slot(subject, store)
      if let known = cache.withLock({ $0.take(slot, count) }) {
        keys[subject] = known
      } else {
        wanted.append(SlotNeed(subject: subject, slot: slot, count: count))
      }
    }
    for start in stride(from: 0, to: wanted.count, by: 500) {
      let part = wanted[start..<min(start + 500, wanted.count)]
      for (subject, key) in try await first(part, store) { keys[subject] = key }
    }
    for need in wanted where keys[need.subject] == nil {
      keys[need.subject] = try await current(need.slot, store, need.count)
    }
    return keys
  }

  /// A place in the key store that is to seal so many values.
  private struct SlotNeed {
    let subject: String?
    let slot: [UInt8]
    let count: Int
  }

  /// Makes the first keys of those who never had one, all in one write.
  private func first(
    _ wanted: ArraySlice<SlotNeed>, _ store: String
  ) async throws(PrivataError) -> [String?: DataKey] {
    let generation = cache.withLock { $0.generation }
    let slots = wanted.map { Value.binary(Binary($0.slot)) }
    let known = Set(try await rows(.oneOf("slot", slots)).compactMap(\.slot))
    let new = wanted.filter { !known.contains($0.slot) }
    guard !new.isEmpty else { return [:] }
    let epoch = try await epochs.current(store)
    var keys: [String?: DataKey] = [:]
    var batch = RowBatch(width: KeyModels.keys.fields.count)
    for need in new {
      keys[need.subject] = try append(need.slot, store, 1, need.count, epoch, to: &batch)
    }
    do {
      try await insert(batch)
    } catch let error where error.code == .duplicateKey {
      // Another process made one of them in between: each is looked for by itself.
      return [:]
    }
    cache.withLock { cache in
      for need in new {
        guard let key = keys[need.subject] else { continue }
        cache.insert(
          key, slot: need.slot, seals: max(Self.block - need.count, 0), asOf: generation)
      }
    }
    return keys
  }

  private func current(
    _ slot: [UInt8], _ store: String, _ count: Int
  ) async throws(PrivataError) -> DataKey {
    if let known = cache.withLock({ $0.take(slot, count) }) { return known }
    for _ in 0..<8 {
      let generation = cache.withLock { $0.generation }
      if let found = try await last(slot) {
        let reserved = try await reserve(found, count)
        if reserved { return try await remembered(found, slot, count, generation) }
        try await retire(found.id)
      }
      do {
        return try await make(slot, store, count)
      } catch let error where error.code == .duplicateKey {
        // Another process made the key in between.
        continue
      }
    }
    throw PrivataError(.writeConflict, "a key could not be made", isRetriable: true)
  }

  private func remembered(
    _ row: KeyRow, _ slot: [UInt8], _ count: Int, _ generation: Int64
  ) async throws(PrivataError) -> DataKey {
    let key = try await unwrapped(row)
    cache.withLock {
      $0.insert(key, slot: slot, seals: max(Self.block - count, 0), asOf: generation)
    }
    return key
  }

  /// How many seals a process takes from a key at once.
  static let block = 4_096

  /// Takes a block of seals; false where the key has sealed enough.
  private func reserve(_ row: KeyRow, _ count: Int) async throws(PrivataError) -> Bool {
    guard count > 0 else { return true }
    let wanted = max(Self.block, count)
    if row.seals >= options.sealsBeforeRotation { return false }
    guard row.seals + wanted <= options.sealLimit else {
      throw PrivataError(
        .keyExhausted, "a key may seal \(options.sealLimit) values and has come to its end")
    }
    let update = Update(
      KeyModels.keys,
      where: .and([
        .compare("_id", .equal, row.id.value),
        .compare("state", .equal, .string(KeyState.active.rawValue)),
      ]), .assign([Assignment("seals", .int64(Int64(wanted)), .increment)]), layout: .cells)
    return try await write(.update(update)).matched == 1
  }

  private func retire(_ id: KeyID) async throws(PrivataError) {
    let update = Update(
      KeyModels.keys,
      where: .and([
        .compare("_id", .equal, id.value),
        .compare("state", .equal, .string(KeyState.active.rawValue)),
      ]), .assign([Assignment("state", .string(KeyState.retired.rawValue))]), layout: .cells)
    _ = try await write(.update(update))
  }

  /// Makes the next key of a slot.
  func make(
    _ slot: [UInt8], _ store: String, _ count: Int
  ) async throws(PrivataError) -> DataKey {
    let generation = cache.withLock { $0.generation }
    let version = (try await versions(slot).max() ?? 0) + 1
    var row = RowBatch(width: KeyModels.keys.fields.count)
    let epoch = try await epochs.current(store)
    let key = try append(slot, store, version, count, epoch, to: &row)
    try await insert(row)
    cache.withLock {
      $0.insert(key, slot: slot, seals: max(Self.block - count, 0), asOf: generation)
    }
    return key
  }

  /// Makes a key and appends its row.
  private func append(
    _ slot: [UInt8], _ store: String, _ version: Int, _ count: Int,
    _ epoch: (id: KeyID, key: SymmetricKey), to row: inout RowBatch
  ) throws(PrivataError) -> DataKey {
    var secret = SecureBytes.random(32)
    defer { SecureBytes.wipe(&secret) }
    let key = DataKey(id: .random(), version: version, bytes: secret)
    let bound = AssociatedData.key(key.id, region: region, store: store, version: version)
    let wrapped = try KeyWrap(epoch.key).wrap(secret, context: bound)
    row.append(key.id.value)
    row.append(.bytes, bytes: slot)
    row.append(text: store)
    row.append(text: region)
    row.append(int32: Int32(version))
    row.append(epoch.id.value)
    row.append(.bytes, bytes: wrapped)
    row.append(text: KeyState.active.rawValue)
    row.append(int64: Int64(max(Self.block, count)))
    row.append(date: .now)
    row.append(.bytes, bytes: slot + Array(String(version).utf8))
    return key
  }

  private func insert(_ rows: RowBatch) async throws(PrivataError) {
    let insert = Insert(
      KeyModels.keys, .cells(fields: KeyModels.keys.fields.map(\.name), rows))
    let outcome = try await write(.insert(insert))
    if let failure = outcome.failures.first { throw failure.error }
  }

  // MARK: - To open with

  /// The keys of these ids; one that was never there is left out.
  ///
  /// - Throws: `keyShredded` where one was destroyed; `keyUnavailable` where the key store or the
  ///   key service does not answer.
  func keys(_ ids: Set<KeyID>) async throws(PrivataError) -> [KeyID: DataKey] {
    guard !ids.isEmpty else { return [:] }
    try await checkLease()
    var (keys, missing) = cache.withLock { $0.find(ids) }
    let generation = cache.withLock { $0.generation }
    for start in stride(from: 0, to: missing.count, by: 1_000) {
      let part = missing[start..<min(start + 1_000, missing.count)].map(\.value)
      for row in try await rows(.oneOf("_id", part)) {
        guard row.state != .shredded else {
          throw PrivataError(
            .keyShredded, "the person's key was destroyed, and what it sealed cannot be read")
        }
        guard row.region == region else {
          throw PrivataError(
            .tampered, "an encrypted field was sealed for region \(row.region), not \(region)")
        }
        let key = try await unwrapped(row)
        keys[row.id] = key
        cache.withLock { $0.insert(key, asOf: generation) }
      }
    }
    return keys
  }

  /// The keys of these ids in their order, each with its id.
  ///
  /// - Throws: as ``keys(_:)``.
  func keys(
    inOrder ids: [KeyID]
  ) async throws(PrivataError) -> [(id: KeyID, key: DataKey?)] {
    let now = ContinuousClock.now
    if let known = cache.withLock({ $0.all(ids, at: now) }) { return known }
    let found = try await keys(Set(ids))
    return ids.map { ($0, found[$0]) }
  }

  func unwrapped(_ row: KeyRow) async throws(PrivataError) -> DataKey {
    guard let epochID = row.epoch, let wrapped = row.wrapped else {
      throw PrivataError(.corrupt, "a row of the key store has no key")
    }
    let epoch = try await epochs.key(epochID)
    let bound = AssociatedData.key(
      row.id, region: region, store: row.store, version: row.version)
    var secret = try KeyWrap(epoch).unwrap(wrapped, context: bound)
    defer { SecureBytes.wipe(&secret) }
    return DataKey(id: row.id, version: row.version, bytes: secret)
  }

  // MARK: - The key store

  /// The key of a slot that seals.
  func last(_ slot: [UInt8]) async throws(PrivataError) -> KeyRow? {
    let active = Filter.and([
      .compare("slot", .equal, .binary(Binary(slot))),
      .compare("state", .equal, .string(KeyState.active.rawValue)),
    ])
    return try await rows(active).max { $0.version < $1.version }
  }

  private func versions(_ slot: [UInt8]) async throws(PrivataError) -> [Int] {
    try await rows(.compare("slot", .equal, .binary(Binary(slot)))).map(\.version)
  }

  func rows(_ filter: Filter) async throws(PrivataError) -> [KeyRow] {
    let query = Query(
      KeyModels.keys, where: filter, projection: .fields(KeyRow.fields), layout: .cells)
    let batch = try await read(query)
    return (0..<batch.count).compactMap { KeyRow(batch, $0) }
  }

  /// Reads from the key store.
  func read(_ query: Query) async throws(PrivataError) -> RowBatch {
    do { return try await store.rows(for: query) } catch { throw Self.unavailable(error) }
  }

  /// Writes to the key store.
  func write(_ write: Write) async throws(PrivataError) -> WriteOutcome {
    do {
      return try await store.write(write)
    } catch let error where error.code == .duplicateKey {
      throw error
    } catch {
      throw Self.unavailable(error)
    }
  }

  static func unavailable(_ error: PrivataError) -> PrivataError {
    PrivataError(
      .keyUnavailable, "the key store does not answer (\(error.code))", isRetriable: true,
      underlying: error)
  }
}
