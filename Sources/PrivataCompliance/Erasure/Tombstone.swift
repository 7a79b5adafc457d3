internal import Crypto
internal import PrivataCore
internal import Synchronization

/// What stays of an erasure so that a backup that is restored later can be erased again: keyed marks
/// of key and pseudonym, and nothing by which anybody could be named without the vault's key.
struct Tombstone: Sendable, Hashable {
  /// The saga's number.
  let id: String
  let mark: String
  /// The mark of the pseudonym, which tells a restored person from one who registered again.
  let link: String?
  /// The marks of the pseudonyms of records that went with the person.
  let others: Set<String>
  let model: String
  let isClinicalKept: Bool
  let ground: String
  let legalBasis: String
  let scope: [DataScope]?
  let at: DateTime

  static let model = ModelSchema(
    name: "Tombstone", collection: "privata_tombstones",
    fields: [
      FieldSchema("_id", .string, isOptional: false),
      FieldSchema("body", .string, isOptional: false),
      FieldSchema("code", .string, isOptional: false),
    ])
}

extension Tombstone {
  init(
    id: String, mark: String, link: String?, others: Set<String>, plan: ErasurePlan, model: String
  ) {
    self.id = id
    self.mark = mark
    self.link = link
    self.others = others
    self.model = model
    isClinicalKept = plan.fresh != nil
    ground = plan.ground
    legalBasis = plan.legalBasis
    scope = plan.scope
    at = .now
  }

  /// The tombstone as one line of text.
  var text: String {
    var document: Document = [
      "saga": .string(id), "mark": .string(mark), "model": .string(model),
      "clinicalKept": .bool(isClinicalKept), "ground": .string(ground),
      "basis": .string(legalBasis), "at": .string(at.iso8601),
    ]
    document["link"] = link.map { .string($0) }
    if !others.isEmpty { document["others"] = .array(others.sorted().map { .string($0) }) }
    document["scope"] = scope.map { .array($0.map { .document($0.document) }) }
    return document.extendedJSON(.relaxed)
  }

  init?(text: String) {
    guard let document = try? Document(extendedJSON: text), let id = document["saga"]?.asString,
      let mark = document["mark"]?.asString, let model = document["model"]?.asString,
      let isKept = document["clinicalKept"]?.asBool, let ground = document["ground"]?.asString,
      let basis = document["basis"]?.asString,
      let at = document["at"]?.asString.flatMap({ DateTime(iso8601: $0) })
    else { return nil }
    self.id = id
    self.mark = mark
    self.model = model
    isClinicalKept = isKept
    self.ground = ground
    legalBasis = basis
    self.at = at
    link = document["link"]?.asString
    others = Set((document["others"]?.asArray ?? []).compactMap(\.asString))
    scope = DataScope.list(document["scope"])
  }

  /// The code that shows that the vault wrote it.
  func code(_ keys: VaultKeys) -> String {
    let code = HMAC<SHA256>.authenticationCode(for: Array(text.utf8), using: keys.tombstones)
    return Hexadecimal.text(Array(code.prefix(16)))
  }
}

/// Where tombstones are: in each store, so that a restored one shows what it lacks, and in a file
/// beside the journal, which no restored database takes back.
struct Tombstones {
  let core: VaultCore

  init(_ core: VaultCore) { self.core = core }

  private var path: String { core.directory + "/erasures.log" }

  private var stores: [any Store] {
    var stores = [core.identityStore]
    if !core.isOneStore { stores.append(core.clinicalStore) }
    if !StoreIdentity.isSame(core.auditStore, core.identityStore),
      !StoreIdentity.isSame(core.auditStore, core.clinicalStore)
    {
      stores.append(core.auditStore)
    }
    return stores
  }

  /// Makes the tables.
  func prepare() async throws(PrivataError) {
    if core.tombstonesAreReady.load(ordering: .acquiring) { return }
    // Statements of persons are read with every report: their tables are made with these.
    let halves = core.isOneStore ? 1 : 2
    for (index, store) in stores.enumerated() {
      try await store.prepare([Tombstone.model] + (index < halves ? [StatementLedger.model] : []))
    }
    core.statementsAreReady.store(true, ordering: .releasing)
    core.tombstonesAreReady.store(true, ordering: .releasing)
  }

  /// Adds a tombstone everywhere; repeated, it is there already.
  func add(_ tombstone: Tombstone) async throws(PrivataError) {
    try await prepare()
    for store in stores { try await add(tombstone, to: store) }
    try append([tombstone])
  }

  private func add(_ tombstone: Tombstone, to store: any Store) async throws(PrivataError) {
    var row = RowBatch(width: 3)
    row.append(text: tombstone.id)
    row.append(text: tombstone.text)
    row.append(text: tombstone.code(core.keys))
    let insert = Insert(
      Tombstone.model, .cells(fields: Tombstone.model.fields.map(\.name), row),
      onConflict: .ignore(["_id"]))
    let outcome = try await store.write(.insert(insert))
    if let failure = outcome.failures.first { throw failure.error }
  }

  // MARK: - Reading

  private func rows(_ store: any Store) async throws(PrivataError) -> [String: Tombstone] {
    let batch = try await store.rows(
      for: Query(Tombstone.model, projection: .fields(["body", "code"]), layout: .cells))
    var found: [String: Tombstone] = [:]
    for row in 0..<batch.count {
      let tombstone = try read(
        batch.value(row: row, column: 0)?.asString, batch.value(row: row, column: 1)?.asString,
        "a tombstone at \(store.traits.place)")
      found[tombstone.id] = tombstone
    }
    return found
  }

  private func read(
    _ text: String?, _ code: String?, _ place: String
  ) throws(PrivataError) -> Tombstone {
    guard let text, let tombstone = Tombstone(text: text), tombstone.code(core.keys) == code else {
      throw PrivataError(.tampered, "\(place) was changed, or another vault's key wrote it")
    }
    return tombstone
  }

  /// The lines of the file; one that a crash cut off at the end is as if it were not there.
  private func lines() throws(PrivataError) -> [String: Tombstone] {
    guard let bytes = try FileSystem.read(path) else { return [:] }
    var found: [String: Tombstone] = [:]
    let isWhole = bytes.last == 0x0A
    let lines = bytes.split(separator: 0x0A)
    for (number, line) in lines.enumerated() {
      let parts = line.split(separator: 0x09).map { String(decoding: $0, as: UTF8.self) }
      do throws(PrivataError) {
        let tombstone = try read(parts.last, parts.first, "line \(number + 1) of \(path)")
        found[tombstone.id] = tombstone
      } catch {
        guard number == lines.count - 1, !isWhole else { throw error }
      }
    }
    return found
  }

  private func append(_ tombstones: [Tombstone]) throws(PrivataError) {
    guard !tombstones.isEmpty else { return }
    let text = tombstones.map { "\($0.code(core.keys))\t\($0.text)\n" }.joined()
    try FileSystem.append(path, Array(text.utf8))
  }

  // MARK: - After a restore

  /// The erasures that a store does not know of: it was restored from a backup that is older.
  func missing() async throws(PrivataError) -> [Tombstone] {
    try await prepare()
    let file = try lines()
    var all = file
    var known: [[String: Tombstone]] = []
    for store in stores {
      let rows = try await rows(store)
      known.append(rows)
      all.merge(rows) { first, _ in first }
    }
    try append(all.values.filter { file[$0.id] == nil }.sorted { $0.at < $1.at })
    return all.values.filter { one in known.contains { $0[one.id] == nil } }
      .sorted { $0.at < $1.at }
  }
}
