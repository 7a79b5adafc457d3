internal import PrivataCore
internal import Synchronization

extension SubjectKeys {
  /// Makes sure that the keys in memory may be used; asks the key store where half of the lease is
  /// over.
  ///
  /// - Throws: `keyUnavailable` where the key store does not answer and the lease has ended.
  func checkLease() async throws(PrivataError) {
    let now = ContinuousClock.now
    let isFresh = cache.withLock { cache in cache.renewAt.map { now < $0 } ?? false }
    if isFresh { return }
    do {
      try await renew()
    } catch {
      let isValid = cache.withLock { cache in
        if let end = cache.validUntil, ContinuousClock.now < end { return true }
        cache.removeAll()
        return false
      }
      if !isValid { throw error }
    }
  }

  /// Asks whether keys were destroyed, forgets the keys in memory if so, and says until when this
  /// process may use them.
  func renew() async throws(PrivataError) {
    let asked = ContinuousClock.now
    let wall = DateTime.now
    let generation = try await destroyed()
    cache.withLock { cache in
      if cache.generation != generation { cache.removeAll() }
      cache.generation = generation
    }
    try await readIndexStep()
    let until = DateTime(milliseconds: wall.milliseconds + Int64(options.leaseSeconds * 1_000))
    let drained = cache.withLock { $0.drained }
    try await announce(generation, drained, until)
    cache.withLock { cache in
      cache.announced = drained
      // Others did not wait for this process meanwhile.
      if let end = cache.validUntil, ContinuousClock.now >= end { cache.lapses += 1 }
      cache.validUntil = asked.advanced(by: .seconds(options.leaseSeconds))
      cache.renewAt = asked.advanced(by: .seconds(options.leaseSeconds / 2))
    }
  }

  private func announce(
    _ generation: Int64, _ drained: Int64, _ until: DateTime
  ) async throws(PrivataError) {
    let update = Update(
      KeyModels.leases, where: .compare("_id", .equal, .string(process)),
      .assign([
        Assignment("generation", .int64(generation)), Assignment("drained", .int64(drained)),
        Assignment("until", .date(until)),
      ]), layout: .cells)
    if try await write(.update(update)).matched > 0 { return }
    var row = RowBatch(width: 4)
    row.append(text: process)
    row.append(int64: generation)
    row.append(int64: drained)
    row.append(date: until)
    _ = try await write(
      .insert(
        Insert(
          KeyModels.leases, .cells(fields: ["_id", "generation", "drained", "until"], row),
          onConflict: .ignore(["_id"]))))
  }

  /// How many times keys were destroyed.
  private func destroyed() async throws(PrivataError) -> Int64 {
    try await counter("keys")
  }

  /// One of the numbers that all processes share.
  func counter(_ name: String) async throws(PrivataError) -> Int64 {
    let query = Query(
      KeyModels.generation, where: .compare("_id", .equal, .string(name)),
      projection: .fields(["value"]), layout: .cells)
    let rows = try await read(query)
    return Int64(rows.isEmpty ? 0 : rows.value(row: 0, column: 0)?.asInt ?? 0)
  }

  /// Counts a destruction.
  private func countDestruction() async throws(PrivataError) -> Int64 {
    let update = Update(
      KeyModels.generation, where: .compare("_id", .equal, "keys"),
      .assign([Assignment("value", .int64(1), .increment)]), layout: .cells)
    if try await write(.update(update)).matched == 0 {
      var row = RowBatch(width: 2)
      row.append(text: "keys")
      row.append(int64: 0)
      let insert = Insert(
        KeyModels.generation, .cells(fields: ["_id", "value"], row), onConflict: .ignore(["_id"]))
      _ = try await write(.insert(insert))
      _ = try await write(.update(update))
    }
    return try await destroyed()
  }

  // MARK: - Destruction

  /// Destroys the keys of a person in every store, and waits until no process can have them in
  /// memory: each has said that it knows, or its lease has ended.
  ///
  /// - Returns: the fingerprints of the destroyed keys.
  func shred(
    _ subject: String, in stores: [String] = Half.allCases.map(\.rawValue)
  ) async throws(PrivataError) -> [String] {
    try await shred([subject], in: stores)
  }

  /// Destroys the keys of several persons or records at once.
  func shred(
    _ subjects: [String], in stores: [String] = Half.allCases.map(\.rawValue)
  ) async throws(PrivataError) -> [String] {
    var fingerprints: [String] = []
    for start in stride(from: 0, to: subjects.count, by: 500) {
      let part = subjects[start..<min(start + 500, subjects.count)]
      let slots = part.flatMap { subject in
        stores.map { Value.binary(Binary(slot(subject, $0))) }
      }
      fingerprints += try await destroy(try await rows(.oneOf("slot", slots)))
    }
    return fingerprints
  }

  private func destroy(_ found: [KeyRow]) async throws(PrivataError) -> [String] {
    let rows = found.filter { $0.state != .shredded }
    guard !rows.isEmpty else { return [] }
    let ids = rows.map(\.id.value)
    // Overwritten first: a store that keeps old pages keeps zeros of the same length.
    let zeros = Value.binary(Binary([UInt8](repeating: 0, count: 60)))
    try await set(ids, [Assignment("wrapped", zeros)])
    try await set(
      ids,
      [
        Assignment("state", .string(KeyState.shredded.rawValue)), Assignment("wrapped", .null),
        Assignment("slot", .null), Assignment("epoch", .null),
      ])
    // The place names the slot too.
    let places = rows.map { row in
      Write.update(
        Update(
          KeyModels.keys, where: .compare("_id", .equal, row.id.value),
          .assign([Assignment("place", .binary(Binary(row.id.bytes)))]), layout: .cells))
    }
    _ = try await write(places.count == 1 ? places[0] : .bulk(places, isOrdered: false))
    try await waitForOthers(try await countDestruction())
    return rows.map(\.id.fingerprint)
  }

  func set(_ ids: [Value], _ changes: [Assignment]) async throws(PrivataError) {
    let update = Update(
      KeyModels.keys, where: .oneOf("_id", ids), .assign(changes), isMany: true, layout: .cells)
    _ = try await write(.update(update))
  }

  /// Waits until every other process knows of a destruction, or may not use keys any more.
  ///
  /// - Parameter isDraining: waits also until the sealed writes that began before have ended, in this
  ///   process and the others.
  func waitForOthers(
    _ generation: Int64, isDraining: Bool = false
  ) async throws(PrivataError) {
    cache.withLock { $0.removeAll() }
    try await renew()
    while isDraining, cache.withLock({ $0.drained < generation }) { try await pause() }
    let field = isDraining ? "drained" : "generation"
    while true {
      let late = Filter.and([
        .compare(field, .less, .int64(generation)),
        .compare("until", .greater, .date(.now)),
        .compare("_id", .notEqual, .string(process)),
      ])
      let query = Query(KeyModels.leases, where: late, answer: .exists, layout: .cells)
      if try await read(query).value(row: 0, column: 0)?.asBool != true { return }
      try await pause()
    }
  }

  private func pause() async throws(PrivataError) {
    do { try await Task.sleep(for: .milliseconds(20)) } catch { throw .cancelledWait }
  }

  /// Counts a destruction that was carried out elsewhere, and waits for it; see
  /// ``waitForOthers(_:isDraining:)``.
  func announceDestruction(isDraining: Bool = false) async throws(PrivataError) {
    try await waitForOthers(try await countDestruction(), isDraining: isDraining)
  }

  // MARK: - The process

  /// Begins to look each second, or more often where leases are short, whether keys were destroyed,
  /// while this process has some.
  func start() {
    let pause = Duration.seconds(min(1, max(options.leaseSeconds / 4, 0.02)))
    let owned = OwnedTask { [weak self] in
      while !Task.isCancelled {
        do { try await Task.sleep(for: pause) } catch { return }
        guard let self else { return }
        await self.lookForDestruction()
      }
    }
    keeper.withLock { $0 = owned }
  }

  private func lookForDestruction() async {
    let (isIdle, isDue, known) = cache.withLock { cache in
      // A write that takes long needs the lease until its end, and others wait for that end.
      let isLate = cache.renewAt.map { ContinuousClock.now >= $0 } ?? true
      let isDue = (cache.hasWrites && isLate) || cache.announced < cache.drained
      // While the lease lasts, others wait for this process to say that it knows.
      let isOver = cache.validUntil.map { ContinuousClock.now >= $0 } ?? true
      return (cache.isEmpty && isOver && !isDue, isDue, cache.generation)
    }
    guard !isIdle else { return }
    if !isDue, (try? await destroyed()) ?? known == known { return }
    try? await renew()
  }

  /// Forgets the keys, ends the lease and closes the key store.
  func close() async {
    let owned = keeper.withLock { keeper in
      defer { keeper = nil }
      return keeper
    }
    await owned?.stop()
    cache.withLock { cache in
      cache.removeAll()
      cache.validUntil = nil
      cache.renewAt = nil
      cache.lapses += 1
    }
    indexState.withLock { $0 = IndexState() }
    let own = Filter.compare("_id", .equal, .string(process))
    _ = try? await store.write(.delete(Delete(KeyModels.leases, where: own, layout: .cells)))
    await (store as? any AdministrableStore)?.close()
  }
}
