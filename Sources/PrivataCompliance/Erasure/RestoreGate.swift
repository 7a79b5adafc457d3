internal import PrivataCore
internal import Synchronization

/// Keeps programs from the records of a restored store until every later erasure was carried out on
/// it again.
final class RestoreGate: Sendable {
  /// True while erasures wait to be repeated.
  let isClosed = Atomic(false)
  private let waiting = Mutex<[Tombstone]>([])
  private let permits = Permits(1)

  /// Looks whether a store was restored.
  func look(_ core: VaultCore) async throws(PrivataError) {
    let missing = try await Tombstones(core).missing()
    waiting.withLock { $0 = missing }
    isClosed.store(!missing.isEmpty, ordering: .releasing)
  }

  /// How many erasures wait to be repeated.
  var count: Int { waiting.withLock { $0.count } }

  /// Repeats the erasures whose models are known.
  ///
  /// - Throws: `restoreReplayPending` where one could not be repeated.
  func pass(_ core: VaultCore) async throws(PrivataError) {
    guard isClosed.load(ordering: .acquiring) else { return }
    await permits.enter()
    defer { permits.leave() }
    for tombstone in waiting.withLock({ $0 }) {
      guard let model = core.registry.model(tombstone.model) else { continue }
      do {
        try await ErasureReplay(core: core, graph: SubjectGraph(model, core.registry)).run(
          tombstone)
      } catch let error where error.code == .unknownModel {
        continue
      } catch {
        throw PrivataError(
          .restoreReplayPending,
          """
          a store was restored from a backup, and erasures after that backup are not carried out on \
          it yet: its records are closed until they are
          """, model: tombstone.model, isRetriable: true, underlying: error)
      }
      waiting.withLock { $0.removeAll { $0.id == tombstone.id } }
    }
    if waiting.withLock({ $0.isEmpty }) { isClosed.store(false, ordering: .releasing) }
  }
}

/// Carries an erasure out again on restored stores.
struct ErasureReplay {
  let core: VaultCore
  let graph: SubjectGraph

  /// Finds what came back by the tombstone's marks, and erases it.
  func run(_ tombstone: Tombstone) async throws(PrivataError) {
    for subject in try await restored(tombstone) { try await erase(subject, tombstone) }
    if tombstone.scope == nil {
      for link in try await restoredLinks(tombstone) {
        try await erase(Subject(key: .null, link: link, targets: [:]), tombstone)
      }
      try await settleOthers(tombstone)
    }
    try await Tombstones(core).add(tombstone)
  }

  private func erase(_ subject: Subject, _ tombstone: Tombstone) async throws(PrivataError) {
    try await core.prepareLedger()
    var plan = ErasurePlan(
      subject: subject,
      fresh: tombstone.isClinicalKept ? core.options.pseudonyms.next().text : nil,
      ground: tombstone.ground, legalBasis: tombstone.legalBasis, requestedBy: "replay")
    plan.scope = tombstone.scope
    plan.isReplay = true
    let last = try await core.ledger.last(tombstone.mark)
    if let last, last.state != .attested, try await core.ledger.lease(last.id) {
      var saga = try ErasureSaga(core, last)
      _ = try await saga.run()
    }
    let id = ErasureLedger.number(after: last, tombstone)
    let sealed = try JournalSeal(core.keys).seal(plan.document.bson, id: id)
    let entry = ErasureLedger.Entry(
      id: id, mark: tombstone.mark, model: tombstone.model, state: .frozen, openedAt: .now,
      sealed: sealed)
    try await core.ledger.open(entry)
    guard try await core.ledger.lease(id) else { return }
    do {
      var saga = ErasureSaga(core, graph, entry, plan)
      _ = try await saga.run()
    } catch let error where error.code == .keyShredded && plan.fresh != nil {
      // What a backup brought back can be read by nobody: nothing of it is there to be kept.
      plan.fresh = nil
      var saga = ErasureSaga(core, graph, entry, plan)
      _ = try await saga.run()
    }
    let scope = AuditCoding.scope(.erase, model: tombstone.model, fields: [], filterFields: [])
    try core.recorder.record(
      .service, scope: scope, result: AuditResult(count: 1, errorCode: "restored", subjectOf: id),
      isPersonal: true)
  }

  /// Deals with clinical halves of records that went with the person.
  private func settleOthers(_ tombstone: Tombstone) async throws(PrivataError) {
    guard !tombstone.others.isEmpty else { return }
    var seen: Set<String> = [graph.root.model.name]
    for edge in graph.all where edge.separation.shape == .split {
      let separation = edge.separation
      guard seen.insert(separation.model.name).inserted, let model = separation.clinical else {
        continue
      }
      var links: [String] = []
      try await cells(model, [separation.clinicalKey], core.clinicalStore, isDistinct: false) {
        if let link = $0[0]?.asString, tombstone.others.contains(core.ledger.mark(link: link)) {
          links.append(link)
        }
      }
      try await settle(links, separation, isKept: tombstone.isClinicalKept)
    }
  }

  private func settle(
    _ links: [String], _ separation: Separation, isKept: Bool
  ) async throws(PrivataError) {
    guard !links.isEmpty else { return }
    let plan = ErasurePlan(
      subject: Subject(key: .null, link: nil, targets: [:]),
      fresh: isKept ? core.options.pseudonyms.next().text : nil, ground: "", legalBasis: "",
      requestedBy: "replay")
    let step = ErasureSteps(core: core, graph: graph, plan: plan)
    let gone = Dictionary(uniqueKeysWithValues: Set(links).map { ($0, String?.none) })
    guard isKept else {
      _ = try await step.settleHalves(separation, gone)
      return
    }
    do {
      let fresh = Dictionary(uniqueKeysWithValues: Set(links).map { ($0, step.fresh(for: $0)) })
      _ = try await step.settleHalves(separation, fresh)
    } catch let error where error.code == .keyShredded {
      _ = try await step.settleHalves(separation, gone)
    }
  }

  // MARK: - What came back

  /// The persons in the identity store whom the tombstone means.
  private func restored(_ tombstone: Tombstone) async throws(PrivataError) -> [Subject] {
    guard let model = graph.root.identity else { return [] }
    let key = graph.root.model.key.name
    let names = [key] + (graph.root.link.map { [$0] } ?? [])
    var keys: [Value] = []
    try await cells(model, names, core.identityStore, isDistinct: false) { row in
      guard let value = row[0] else { return }
      if let link = tombstone.link, row.count > 1 {
        guard let text = row[1]?.asString, core.ledger.mark(link: text) == link else { return }
      } else {
        guard core.ledger.mark(tombstone.model, value) == tombstone.mark else { return }
      }
      keys.append(value)
    }
    var subjects: [Subject] = []
    for key in keys {
      if let subject = try await core.session.subject(key, graph) { subjects.append(subject) }
    }
    return subjects
  }

  /// The pseudonyms in the clinical store that are the erased person's.
  private func restoredLinks(_ tombstone: Tombstone) async throws(PrivataError) -> Set<String> {
    guard let mark = tombstone.link else { return [] }
    var links: Set<String> = []
    let note = { (value: Value?) in
      for item in value?.asArray ?? [value ?? .null] {
        if let text = item.asString, core.ledger.mark(link: text) == mark { links.insert(text) }
      }
    }
    if graph.root.shape == .split, let model = graph.root.clinical {
      try await cells(model, [graph.root.clinicalKey], core.clinicalStore, isDistinct: false) {
        note($0[0])
      }
    }
    for edge in graph.edges where edge.isClinical {
      guard let model = edge.physical else { continue }
      try await cells(model, [edge.field.name], core.clinicalStore, isDistinct: true) {
        note($0[0])
      }
    }
    return links
  }

  private func cells(
    _ model: ModelSchema, _ names: [String], _ store: any Store, isDistinct: Bool,
    _ body: ([Value?]) -> Void
  ) async throws(PrivataError) {
    if isDistinct {
      let query = Query(model, answer: .distinct(names[0]), layout: .cells)
      let rows = try await store.rows(for: query)
      for row in 0..<rows.count { body([rows.value(row: row, column: 0)]) }
      return
    }
    let key = model.key.name
    var last: Value?
    while true {
      let wanted = [key] + names.filter { $0 != key }
      var query = Query(
        model, where: last.map { .compare(key, .greater, $0) } ?? .all,
        projection: .fields(wanted), sort: [SortKey(key)], layout: .cells)
      query.limit = core.options.joinBatch
      let rows = try await store.rows(for: query)
      for row in 0..<rows.count {
        body(
          names.map { name in
            wanted.firstIndex(of: name).flatMap { rows.value(row: row, column: $0) }
          })
      }
      guard rows.count == core.options.joinBatch,
        let next = rows.value(row: rows.count - 1, column: 0)
      else { return }
      last = next
    }
  }
}

extension ErasureLedger {
  /// The number of a person's next saga: two callers cannot both open it.
  static func number(after last: Entry?, mark: String) -> String {
    "\(mark).\(last.map { (sequence($0.id) ?? 0) + 1 } ?? 1)"
  }

  /// The number of the saga that repeats an erasure; the ledger may be a restored one too.
  static func number(after last: Entry?, _ tombstone: Tombstone) -> String {
    let known = max(last.flatMap { sequence($0.id) } ?? 0, sequence(tombstone.id) ?? 0)
    return "\(tombstone.mark).\(known + 1)"
  }

  private static func sequence(_ id: String) -> Int? {
    id.split(separator: ".").last.flatMap { Int($0) }
  }
}
