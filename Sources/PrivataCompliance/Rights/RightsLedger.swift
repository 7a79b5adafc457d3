internal import PrivataCore
internal import Synchronization

/// Keeps the acts about persons' rights in the identity store, and what they say in memory: an act of
/// this process holds for its next query, one of another process within a second.
final class RightsLedger: Sendable {
  private let store: any Store
  private let mirror = TableMirror(RightsState())
  private let keeper = Mutex<OwnedTask?>(nil)

  init(store: any Store) { self.store = store }

  /// What holds now.
  var current: RightsState { mirror.state }

  /// True where a restriction or an objection was ever made: reads may have to be narrowed.
  var hasProtections: Bool { mirror.ask { $0.hasProtections } }

  /// Makes the table and reads the acts.
  func open() async throws(PrivataError) {
    try await store.prepare([RightsAct.model])
    try await reload()
  }

  func reload() async throws(PrivataError) {
    try await mirror.reload { () async throws(PrivataError) in RightsState(try await acts(.all)) }
  }

  /// The acts that a filter means, oldest first.
  func acts(_ filter: Filter) async throws(PrivataError) -> [RightsAct] {
    let query = Query(
      RightsAct.model, where: filter, sort: [SortKey("at"), SortKey("_id")], layout: .cells)
    let rows = try await store.rows(for: query)
    return (0..<rows.count).compactMap { RightsAct(rows, $0) }
  }

  /// Adds an act; it holds from the next query on.
  func add(_ given: RightsAct) async throws(PrivataError) {
    let act = mirror.ask { $0.inOrder(given) }
    var row = RowBatch(width: RightsAct.model.fields.count)
    act.append(to: &row)
    let insert = Insert(
      RightsAct.model, .cells(fields: RightsAct.model.fields.map(\.name), row))
    let outcome = try await store.write(.insert(insert))
    if let failure = outcome.failures.first { throw failure.error }
    mirror.change { $0.add(act) }
  }

  /// After an erasure the acts name nobody any more, but prove what they prove.
  func anonymise(_ subject: String, mark: String) async throws(PrivataError) {
    let update = Update(
      RightsAct.model, where: .compare("subject", .equal, .string(subject)),
      .assign([Assignment("subject", .string(mark))]), isMany: true, layout: .cells)
    if try await store.write(.update(update)).matched > 0 { try await reload() }
  }

  /// Removes the acts of persons who were erased, by their marks.
  func remove(_ marks: [String]) async throws(PrivataError) -> Int {
    guard !marks.isEmpty else { return 0 }
    let delete = Delete(
      RightsAct.model, where: .isIn("subject", marks.map { .string($0) }), layout: .cells)
    let deleted = try await store.write(.delete(delete)).deleted
    if deleted > 0 { try await reload() }
    return deleted
  }

  // MARK: - Other processes

  /// Begins to look each second for acts of other processes.
  func start() {
    let owned = OwnedTask { [weak self] in
      while !Task.isCancelled {
        // What another process withdrew holds here within a second, the reading included.
        do { try await Task.sleep(for: .milliseconds(500)) } catch { return }
        guard let self else { return }
        await self.look()
      }
    }
    keeper.withLock { $0 = owned }
  }

  private func look() async {
    let query = Query(RightsAct.model, answer: .count, layout: .cells)
    guard let rows = try? await store.rows(for: query),
      mirror.isBehind || rows.value(row: 0, column: 0)?.asInt != mirror.ask({ $0.count })
    else { return }
    try? await reload()
  }

  func close() async {
    let owned = keeper.withLock { keeper in
      defer { keeper = nil }
      return keeper
    }
    await owned?.stop()
  }
}
