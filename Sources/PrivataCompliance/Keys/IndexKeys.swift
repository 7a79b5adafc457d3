internal import PrivataCore
internal import Synchronization

/// Which keys and places of tags are in use now.
struct IndexUse: Sendable {
  struct Tag: Sendable {
    let root: DataKey
    let column: TagColumn
  }

  /// By which tag records are found: always one that all records have.
  let found: Tag
  /// Which tags a record gets.
  let kept: [Tag]
}

/// How far the exchange of the key of the tags is. A key's tags first fill the second place, from
/// which records are found then, and last the first place again, so that at every moment all records
/// have the tag by which they are found, and a unique field is unique.
struct IndexStep: Sendable, Hashable {
  /// Steps so far, five for each exchange.
  let number: Int64

  /// The version of the key that is exchanged.
  var version: Int { Int(number / 5) + 1 }
  var phase: Int { Int(number % 5) }
  var next: IndexStep { IndexStep(number: number + 1) }

  /// Version and place by which records are found.
  var found: (version: Int, column: TagColumn) {
    switch phase {
    case 0, 1: (version, .first)
    case 2, 3: (version + 1, .second)
    default: (version + 1, .first)
    }
  }

  /// Versions and places of the tags that a record gets.
  var kept: [(version: Int, column: TagColumn)] {
    switch phase {
    case 0: [(version, .first)]
    case 1, 2: [(version, .first), (version + 1, .second)]
    default: [(version + 1, .first), (version + 1, .second)]
    }
  }
}

/// What a process knows of the keys of the tags.
struct IndexState: Sendable {
  var step = IndexStep(number: 0)
  var keys: [Int: DataKey] = [:]
}

extension SubjectKeys {
  private var indexSlot: [UInt8] { slot(nil, "index") }

  /// Which keys and places of tags are in use now.
  func indexUse() async throws(PrivataError) -> IndexUse {
    try await checkLease()
    let step = indexState.withLock { $0.step }
    var kept: [IndexUse.Tag] = []
    for (version, column) in step.kept {
      kept.append(.init(root: try await indexRoot(version), column: column))
    }
    let (version, column) = step.found
    return IndexUse(
      found: .init(root: try await indexRoot(version), column: column), kept: kept)
  }

  /// The key from which those of a version's tags are derived.
  private func indexRoot(_ version: Int) async throws(PrivataError) -> DataKey {
    if let known = indexState.withLock({ $0.keys[version] }) { return known }
    for _ in 0..<8 {
      let rows = try await rows(.compare("slot", .equal, .binary(Binary(indexSlot))))
      if let row = rows.first(where: { $0.version == version }) {
        let key = try await unwrapped(row)
        indexState.withLock { $0.keys[version] = key }
        return key
      }
      do {
        _ = try await make(indexSlot, "index", 0)
      } catch let error where error.code == .duplicateKey {
        // Another process made it in between.
        continue
      }
    }
    throw PrivataError(.unknownKey, "the key store has no key of the tags of version \(version)")
  }

  /// Reads how far an exchange is; every process does so before the next step is taken.
  func readIndexStep() async throws(PrivataError) {
    let step = IndexStep(number: try await counter("index"))
    indexState.withLock { state in
      if state.step != step { state = IndexState(step: step) }
    }
  }

  /// Takes the next step, and waits until every process knows.
  ///
  /// - Throws: `busy` where another process exchanges the key too.
  func advanceIndex(from step: IndexStep) async throws(PrivataError) -> IndexStep {
    if step.number == 0 {
      var row = RowBatch(width: 2)
      row.append(text: "index")
      row.append(int64: 0)
      let insert = Insert(
        KeyModels.generation, .cells(fields: ["_id", "value"], row), onConflict: .ignore(["_id"]))
      _ = try await write(.insert(insert))
    }
    let update = Update(
      KeyModels.generation,
      where: .and([
        .compare("_id", .equal, "index"), .compare("value", .equal, .int64(step.number)),
      ]), .assign([Assignment("value", .int64(step.next.number))]), layout: .cells)
    guard try await write(.update(update)).matched == 1 else {
      throw PrivataError(
        .busy, "another process exchanges the key of the tags", isRetriable: true)
    }
    try await announceDestruction(isDraining: true)
    return step.next
  }

  /// Destroys the keys of the tags before a version.
  func destroyIndexKeys(before version: Int) async throws(PrivataError) -> Int {
    let rows = try await rows(.compare("slot", .equal, .binary(Binary(indexSlot))))
    let old = rows.filter { $0.version < version && $0.wrapped != nil }
    guard !old.isEmpty else { return 0 }
    try await set(
      old.map(\.id.value),
      [
        Assignment("state", .string(KeyState.shredded.rawValue)), Assignment("wrapped", .null),
        Assignment("epoch", .null),
      ])
    try await announceDestruction()
    return old.count
  }
}
