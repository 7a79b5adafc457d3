import BenchKit
import Foundation
import PrivataCompliance
import PrivataCore

/// Sets up what each suite needs and hands its comparisons over.
struct Suites: Sendable {
  let options: Options
  let folder: String
  /// Rows in each table at the start.
  let users = 2000

  typealias Measure = (Comparison) async throws -> Void

  /// Runs everything that is asked for on a place.
  func run(_ place: Place, _ measure: Measure) async throws {
    try await run(place, place.raw, measure)
  }

  private func run<Raw: RawStore>(
    _ place: Place, _ raw: Raw, _ measure: Measure
  ) async throws {
    if options.wants(suite: "style") { try await styles(place, raw, measure) }
    if options.wants(suite: "vault") { try await vaults("vault", place, raw, measure) }
    if options.wants(suite: "mix") { try await vaults("mix", place, raw, measure) }
    if options.wants(suite: "cached") { try await vaults("cached", place, raw, measure) }
    if options.wants(suite: "encrypted") { try await encrypted(place, raw, measure) }
    if options.wants(suite: "throughput") { try await throughput(place, raw, measure) }
    if options.wants(suite: "scaling") { try await scaling(place, raw, measure) }
    #if BENCH_LIBRARIES
      if options.wants(suite: "libraries") { try await libraries(place, raw, measure) }
    #endif
    // Half a minute for each store: run where it is asked for by name.
    if options.names(suite: "cursor") {
      let store = try await place.store("cursor", dropping: [])
      try await CursorSuite(store: store, name: place.name, rows: 1_000_000).run()
    }
    // These have bounds of their own and no raw side, so they run when they are asked for.
    if options.names(suite: "rights") {
      try await RightsSuite(place: place, folder: folder).run()
    }
    if options.names(suite: "audit") {
      try await AuditSuite(place: place, folder: folder).run()
    }
  }

  // MARK: - Plain styles

  private func styles<Raw: RawStore>(
    _ place: Place, _ raw: Raw, _ measure: Measure
  ) async throws {
    try await plain("prisma", place, raw, measure) { try PrismaOperations($0) }
    if place.name != "mongo" {
      try await plain("drizzle", place, raw, measure) { try await DrizzleOperations($0) }
    }
    try await plain("mongo-lean", place, raw, measure) { try MongoLeanOperations($0) }
    try await documents(place, raw, measure)
    try await plain("mongo-typed", place, raw, measure) { try MongoTypedOperations($0) }
    try await typedLists(place, raw, measure)
  }

  private func plain<Raw: RawStore, Style: StyleOperations>(
    _ style: String, _ place: Place, _ raw: Raw, _ measure: Measure,
    _ make: (any Store) async throws -> Style
  ) async throws {
    guard options.wants(style: style, suite: "style", store: place.name) else { return }
    let suite = try await filled(
      "style", style, place, raw, try await plainStore(style, place), make)
    for comparison in suite.reads { try await measure(comparison) }
    if place.name == "sqlite", suite.writes.contains(where: options.wants) {
      try await suite.fillLogs()
    }
    for comparison in suite.writes { try await measure(comparison) }
  }

  /// What documents cost beside plain ones, and populate of lists.
  private func documents<Raw: RawStore>(
    _ place: Place, _ raw: Raw, _ measure: Measure
  ) async throws {
    let styles = ["mongo-lean", "mongo-hydrated"]
    guard styles.contains(where: { options.wants(style: $0, suite: "style", store: place.name) })
    else { return }
    let suite = try await filled(
      "style", "mongo-lean", place, raw, try await plainStore("mongo-lean", place)
    ) { try MongoLeanOperations($0) }
    try await suite.addSessions()
    try await measure(suite.hydrated)
    try await measure(suite.populateLists)
  }

  /// Populate of lists by typed models.
  private func typedLists<Raw: RawStore>(
    _ place: Place, _ raw: Raw, _ measure: Measure
  ) async throws {
    guard options.wants(style: "mongo-typed", suite: "style", store: place.name) else { return }
    let suite = try await filled(
      "style", "mongo-typed", place, raw, try await plainStore("mongo-typed", place)
    ) { try MongoTypedOperations($0) }
    try await suite.addSessions()
    try await measure(suite.populateLists)
  }

  /// A store with the style's tables: MongoStyle's models are open and make their own.
  private func plainStore(_ style: String, _ place: Place) async throws -> any Store {
    let models = [BenchSession.schema, BenchUser.schema]
    let store = try await place.store(style.replacing("-", with: "_"), dropping: models)
    if style == "mongo-lean" {
      await drop(try MongoLeanOperations(store).models, on: store)
    } else {
      try await store.prepare(models)
    }
    return store
  }

  /// Removes what an earlier run has left on a server.
  private func drop(_ models: [ModelSchema], on store: any Store) async {
    try? await (store as? any AdministrableStore)?.drop(models)
  }

  private func filled<Raw: RawStore, Style: StyleOperations>(
    _ suite: String, _ style: String, _ place: Place, _ raw: Raw, _ store: any Store,
    users: Int? = nil, halves: Halves? = nil,
    _ make: (any Store) async throws -> Style
  ) async throws -> OperationSuite<Raw, Style> {
    let users = users ?? self.users
    try raw.fill(users: users)
    let privata = try await make(store)
    for start in stride(from: 0, to: users, by: 1000) {
      try await privata.insertMany((start..<min(start + 1000, users)).map(BenchUser.sample))
    }
    for start in stride(from: 0, to: 2 * users, by: 1000) {
      try await privata.insertMany(
        (start..<min(start + 1000, 2 * users)).map(BenchSession.sample))
    }
    let own: Conditions
    if let halves { own = halves.conditions } else { own = try await place.conditions(store) }
    for store in halves?.stores ?? [store] { try await place.analyze(store) }
    return OperationSuite(
      suite: suite, style: style, store: place.name, raw: raw, privata: privata,
      conditions: (try raw.conditions(), own), users: users)
  }

  // MARK: - Vaults

  /// A vault over two stores of the place, with the audit log in the identity store.
  private func vault(
    _ name: String, _ place: Place, cache: CacheOptions? = nil,
    models: [ModelSchema] = [BenchSession.schema, BenchUser.schema], isEncrypted: Bool = false
  ) async throws -> (Vault, Halves) {
    let identity = try await place.store("identity_\(name)", dropping: [])
    let clinical = try await place.store("clinical_\(name)", dropping: [])
    var options = VaultOptions()
    options.cache = cache
    options.journal.directory = "\(folder)/journal-\(place.name)-\(name)"
    // What is counted is the call's own work, and not what a task beside it happens to do meanwhile.
    if self.options.counts != nil { options.journal.drainMilliseconds = 3_600_000 }
    if isEncrypted {
      options.encryption = EncryptionOptions(keyStore: .sqlite("\(folder)/keys-\(place.name).db"))
    }
    let vault = try await Vault(
      identity: .store(identity), clinical: .store(clinical), options: options)
    let isTyped = !name.hasSuffix("mongo_lean")
    await drop(isTyped ? models : try MongoLeanOperations(vault.store).models, on: vault.store)
    let conditions = [try await place.conditions(identity), try await place.conditions(clinical)]
    guard conditions[0] == conditions[1] else {
      throw RawFailure(message: "the halves of the vault work under different conditions")
    }
    return (vault, Halves(stores: [identity, clinical], conditions: conditions[0]))
  }

  /// The stores of a vault and how they work.
  private struct Halves {
    let stores: [any Store]
    let conditions: Conditions
  }

  private func vaults<Raw: RawStore>(
    _ suite: String, _ place: Place, _ raw: Raw, _ measure: Measure
  ) async throws {
    try await vaulted(suite, "prisma", place, raw, measure) { vault in
      vault.register([BenchUser.schema, BenchSession.schema])
      try await vault.store.prepare([BenchUser.schema, BenchSession.schema])
      return try PrismaOperations(vault.store)
    }
    try await vaulted(suite, "mongo-lean", place, raw, measure) {
      try MongoLeanOperations($0.store)
    }
  }

  /// The suites of vaults: `vault` without a cache, `cached` and `mix` with one.
  private func vaulted<Raw: RawStore, Style: StyleOperations>(
    _ name: String, _ style: String, _ place: Place, _ raw: Raw, _ measure: Measure,
    _ make: (Vault) async throws -> Style
  ) async throws {
    guard options.wants(style: style, suite: name, store: place.name) else { return }
    let file = "\(name)_\(style.replacing("-", with: "_"))"
    let (vault, halves) = try await vault(
      file, place, cache: name == "vault" ? nil : CacheOptions(health: .seconds(60)))
    let suite = try await filled(name, style, place, raw, vault.store, halves: halves) {
      _ in try await make(vault)
    }
    let comparisons =
      switch name {
      case "mix": [suite.mix]
      case "cached": [suite.findById]
      default:
        suite.identityReads + suite.reads + suite.writes + [suite.updateClinical]
      }
    for comparison in comparisons { try await measure(comparison) }
    if let rate = vault.cache?.statistics.hitRate, comparisons.contains(where: options.wants) {
      print(String(format: "%@.%@.%@  hit rate %.2f", name, style, place.name, rate))
    }
    await vault.close()
  }

  /// A vault that encrypts personal fields, each record under keys of its own.
  private func encrypted<Raw: RawStore>(
    _ place: Place, _ raw: Raw, _ measure: Measure
  ) async throws {
    guard options.wants(style: "prisma", suite: "encrypted", store: place.name) else { return }
    let models = [SealedUser.schema]
    let (vault, halves) = try await vault(
      "encrypted_prisma", place, models: models, isEncrypted: true)
    vault.register(models)
    try await vault.store.prepare(models)
    let suite = try await filled(
      "encrypted", "prisma", place, raw, vault.store, users: Self.sealedUsers, halves: halves
    ) { try SealedOperations($0) }
    for comparison in suite.reads + suite.writes { try await measure(comparison) }
    await vault.close()
  }

  /// Each user has a key, which the key store keeps.
  private static let sealedUsers = 2_000

  // MARK: - Tasks, rows and models

  private func throughput<Raw: RawStore>(
    _ place: Place, _ raw: Raw, _ measure: Measure
  ) async throws {
    let suite = try await filled(
      "throughput", "prisma", place, raw, try await plainStore("prisma", place)
    ) { try PrismaOperations($0) }
    let tasks = try ThroughputSuite(suite)
    for comparison in tasks.reads + tasks.writes { try await measure(comparison) }
    let (vault, halves) = try await vault("throughput", place)
    let models = [BenchUser.schema, BenchSession.schema]
    vault.register(models)
    try await vault.store.prepare(models)
    let vaulted = try await filled(
      "throughput", "prisma-vault", place, raw, vault.store, halves: halves
    ) { try PrismaOperations($0) }
    let protected = try ThroughputSuite(vaulted)
    for comparison in protected.reads + protected.writes { try await measure(comparison) }
    await vault.close()
  }

  private func scaling<Raw: RawStore>(
    _ place: Place, _ raw: Raw, _ measure: Measure
  ) async throws {
    var size = 10
    while size <= options.rows {
      let suite = ScalingSuite(
        operations: try await filled(
          "scaling", "prisma", place, raw, try await plainStore("prisma", place), users: size
        ) { try PrismaOperations($0) })
      try await measure(suite.rows(size))
      try await measure(suite.find(in: size))
      size *= 10
    }
    guard let raw = raw as? RawSQLite else { return }
    let store = try await place.store("models", dropping: [])
    try raw.fill(users: ModelsSuite.rows)
    let conditions = (try raw.conditions(), try await place.conditions(store))
    let suite = try await ModelsSuite(raw, store, count: 200, conditions)
    for count in [1, 10, 50, 200] { try await measure(suite.find(of: count)) }
  }
}
