import MongoStyle
import PrivataCompliance
import PrivataCore
import PrivataSQL
import TestPlaces
import Testing

/// No way to the records goes round separation, access policy and audit: after each, the raw stores
/// and the log are looked at.
@Suite(.serialized) struct VaultPathTests {
  static let pairs = Pair.same + [Pair(identity: .postgres, clinical: .mongo)]

  @Test(arguments: pairs) func isSeparateAndAudited(_ pair: Pair) async throws {
    try await VaultPathClinic.with(pair) { clinic in
      for path in VaultPath.all {
        let what = "\(path.name), \(pair)"
        let before = try await clinic.events().count
        do { try await path.take(clinic) } catch { Issue.record(error, "\(what)") }
        if !path.marks.isEmpty {
          let exposures = try clinic.exposures(marks: path.marks)
          #expect(exposures == [], "\(what)")
        }
        let events = try await clinic.events().dropFirst(before)
        #expect(events.allSatisfy { $0.actor.id == "dr-7" && $0.purpose == "treatment" }, "\(what)")
        for trace in path.traces {
          let found = events.contains {
            $0.action == trace.action && $0.model == trace.model && $0.outcome == .success
          }
          #expect(found, "\(what): no event \(trace.action.rawValue) of \(trace.model)")
          guard let record = trace.record else { continue }
          try await Self.expectNamed(record, trace, after: before, in: clinic, what)
        }
      }
      #expect(try clinic.exposures() == [], "\(pair)")
    }
  }

  /// The log leads from a record to who had it.
  private static func expectNamed(
    _ record: ObjectID, _ trace: VaultPath.Trace, after count: Int, in clinic: VaultPathClinic,
    _ what: String
  ) async throws {
    let earlier = Set(try await clinic.events().prefix(count).map(\.id))
    let selection = AuditSelection(
      model: trace.model, action: trace.action, record: .objectID(record))
    var isNamed = false
    for try await event in clinic.vault.audit.events(matching: selection)
    where !earlier.contains(event.id) {
      isNamed = true
    }
    #expect(isNamed, "\(what): the event does not name the record")
  }

  /// Who does not say who they are gets nothing, changes nothing, and is in the log as refused.
  @Test(arguments: pairs) func isRefusedWithoutACaller(_ pair: Pair) async throws {
    try await VaultPathClinic.with(pair, isAnonymous: true) { clinic in
      let identity = try RawContents.dump(clinic.places.identity)
      let clinical = try RawContents.dump(clinic.places.clinical)
      for path in VaultPath.all {
        let what = "\(path.name), \(pair)"
        let before = try await clinic.events().count
        let error = await #expect(throws: PrivataError.self, "\(what)") {
          try await path.take(clinic)
        }
        #expect(error?.code == .contextRequired, "\(what)")
        let events = try await clinic.events().dropFirst(before)
        #expect(!events.isEmpty && events.allSatisfy { $0.outcome == .refused }, "\(what)")
      }
      #expect(Self.values(try RawContents.dump(clinic.places.identity)) == Self.values(identity))
      #expect(Self.values(try RawContents.dump(clinic.places.clinical)) == Self.values(clinical))
    }
  }

  private static func values(_ text: String) -> Set<String> {
    Set(text.matches(of: /p[ih]i-[a-z@.]+/).map { String($0.output) })
  }

  /// Tools drop models: that is in the log too, and refused to nobody in particular.
  @Test(arguments: pairs) func droppingIsAudited(_ pair: Pair) async throws {
    for isAnonymous in [true, false] {
      try await VaultPathClinic.with(pair, isAnonymous: isAnonymous) { clinic in
        let store = try #require(clinic.vault.store as? any AdministrableStore)
        do throws(PrivataError) {
          try await store.drop([clinic.visits.lowered])
          #expect(!isAnonymous)
        } catch {
          #expect(isAnonymous && error.code == .contextRequired)
        }
        let outcome: AuditEvent.Outcome = isAnonymous ? .refused : .success
        let selection = AuditSelection(model: "Visit", action: .drop, outcome: outcome)
        #expect(try await clinic.vault.audit.count(matching: selection) == 1)
        let left = try RawContents.count("visits", in: clinic.places.clinical)
        #expect(left == (isAnonymous ? 1 : 0))
      }
    }
  }

  // MARK: - What is refused

  /// The vault's store offers no command, no change stream and no index of the stores behind it.
  @Test(arguments: pairs) func thereIsNoRawAccess(_ pair: Pair) async throws {
    try await VaultPathClinic.with(pair) { clinic in
      let store = clinic.vault.store
      #expect(!(store is any CommandStore), "commands would not be separated")
      #expect(!(store is any WatchableStore), "changes would not be separated")
      #expect(!(store is any IndexedStore), "indexes name collections of the halves")
      #expect(!(store is any CollectionStore), "plans show what the halves hold")
      #expect(!(store is any SQLExecutor), "statements would not be separated")
      #expect(!(store is any MultiDatabaseStore), "another database has no separation")
      for ability in [StoreTraits.Ability.changeStreams, .serverScript] {
        #expect(!store.traits.abilities.contains(ability))
      }
      let transaction = try await (store as? any TransactionalStore)?.begin(TransactionOptions())
      #expect(!(transaction is any CommandStore) && !(transaction is any WatchableStore))
      try await transaction?.rollback()
    }
  }

  /// What would show or change the stores behind the vault, and what the error says to use instead.
  static let ways: [(String, String, @Sendable (VaultPathClinic) async throws -> Void)] = [
    ("watching a model", "audit trail", { _ = try await $0.people.watch().open() }),
    ("watching all", "audit trail", { _ = try await $0.mongo.watch().open() }),
    ("commands", "connection straight", { _ = try await $0.mongo.runCommand(["ping": 1]) }),
    ("collections", "connection straight", { _ = try await $0.mongo.listCollections() }),
    (
      "dropping a collection", "gdpr",
      { try await $0.mongo.dropCollection($0.people) }
    ),
    ("another database", "open another store", { _ = try $0.mongo.useDb("other") }),
    ("indexes", "prepare()", { _ = try await $0.people.listIndexes() }),
    (
      "collection options", "only MongoDB",
      { try await $0.people.createCollection(["capped": true, "size": 1_000]) }
    ),
  ]

  @Test(arguments: pairs) func whatLeadsPastTheVaultIsRefused(_ pair: Pair) async throws {
    try await VaultPathClinic.with(pair) { clinic in
      for (name, advice, way) in Self.ways {
        let error = await #expect(throws: PrivataError.self, "\(name)") { try await way(clinic) }
        #expect(error?.code == .unsupported, "\(name)")
        #expect(error?.message.contains(advice) == true, "\(name): \(error?.message ?? "")")
      }
      let count = try await clinic.people.countDocuments().exec()
      let exposures = try clinic.exposures(marks: ["pii-ada", "phi-asthma"])
      #expect(count == 2 && exposures == [])
    }
  }

  /// A stage that would go past the vault, and what the error says to use instead.
  static let stages: [(Document, String)] = [
    (["$out": "elsewhere"], "insert"), (["$merge": ["into": "elsewhere"]], "insert"),
    (["$changeStream": [:]], "vault.audit"), (["$collStats": ["count": [:]]], "connection"),
    (["$indexStats": [:]], "connection"), (["$currentOp": [:]], "connection"),
  ]

  @Test(arguments: pairs) func stagesThatLeadOutAreRefused(_ pair: Pair) async throws {
    try await VaultPathClinic.with(pair) { clinic in
      for (stage, advice) in Self.stages {
        for model in [clinic.people, clinic.visits] {
          let error = await #expect(throws: PrivataError.self) {
            _ = try await model.aggregate([stage]).exec()
          }
          #expect(error?.code == .unsupported, "\(stage.keys)")
          #expect(error?.message.contains(advice) == true, "\(stage.keys)")
        }
      }
      let error = await #expect(throws: PrivataError.self) {
        _ = try await clinic.visits.aggregate()
          .lookup(["from": "privata_commits", "as": "rows", "pipeline": []]).exec()
      }
      #expect(error?.code == .unknownModel)
      let found = try clinic.exposures()
      #expect(found == [])
    }
  }
}
