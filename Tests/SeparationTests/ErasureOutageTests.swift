import Foundation
import PrivataCompliance
import PrivataCore
import TestPlaces
import TestSupport
import Testing

/// A store that fails in the middle of an erasure: nothing is called done that is not, what cannot be
/// reached is unreadable, and the erasure comes to its end by itself when the store is back.
@Suite(.serialized) struct ErasureOutageTests {
  static let pairs = [
    Pair(identity: .sqlite, clinical: .postgres), Pair(identity: .postgres, clinical: .mongo),
    Pair(identity: .mongo, clinical: .sqlite),
  ]

  @Test(arguments: pairs, [true, false])
  func goesOnByItself(_ pair: Pair, _ isClinicalAway: Bool) async throws {
    let places = VaultPlaces(pair)
    let keys = Place(.sqlite, "keys")
    try await places.removing {
      let outage = Outage()
      let away = isClinicalAway ? places.clinical.name : places.identity.name
      let vault = try await places.open(
        {
          $0.encryption = EncryptionOptions(keyStore: keys.source)
          $0.encryption?.leaseSeconds = 0.2
        },
        audit: Place(.sqlite, "audit").source,
        around: { place, source in place.name == away ? outage.before(source) : source })
      let models = DossierModels()
      vault.register(models.all)
      try await vault.store.prepare(models.all)
      for person in 1...3 { try await models.insert(person, into: vault.store) }
      try await fail(vault, models.person, outage)
      let again = try await vault.gdpr(for: models.person)
        .rightToErasure(Int64(2), DossierModels.request)
      #expect(again.wasErasedBefore && again.success)
      #expect(try RawContents.count("persons", in: places.identity) == 2)
      #expect(try RawContents.count("visits", in: places.clinical) == 2)
      await vault.close()
      try await keys.remove()
    }
  }

  /// An erasure meets a store that is away; it says so, and ends when the store is back.
  private func fail(_ vault: Vault, _ person: ModelSchema, _ outage: Outage) async throws {
    outage.set(.writes)
    var request = DossierModels.request
    request.clinical = .erase
    let error = await #expect(throws: PrivataError.self) {
      try await vault.gdpr(for: person).rightToErasure(Int64(2), request)
    }
    #expect(error?.code == .connection && error?.isRetriable == true)
    let open = try await vault.erasures.open()
    #expect(open.count == 1 && open[0].pending.contains("clinical"))
    // Letters are divided too: neither half of theirs goes while the other cannot.
    #expect(open[0].pending.contains("identity"))
    #expect(!open[0].needsOperator)
    outage.set(.none)
    var left = 1
    for _ in 0..<200 where left > 0 {
      try await Task.sleep(for: .milliseconds(50))
      left = try await vault.erasures.open().count
    }
    #expect(left == 0)
  }

  /// Fifty at once over real stores, while programs write about the same people.
  @Test(arguments: Pair.same + [Pair(identity: .postgres, clinical: .mongo)])
  func fiftyAtOnceWhileProgramsWrite(_ pair: Pair) async throws {
    try await pair.withVault { vault, places in
      let models = ClinicModels()
      try await vault.store.prepare(models.all)
      let ids = (0..<60).map { ObjectID(high: 7, low: UInt32($0)) }
      let people = ids.map { id -> Document in
        [
          "_id": .objectID(id), "name": .string("name-\(id)"), "email": .string("\(id)@x.org"),
          "diagnosis": .string("d-\(id)"),
        ]
      }
      _ = try await vault.store.write(.insert(Insert(models.patient, .documents(people))))
      let (erased, store) = (ids.prefix(50), vault.store)
      let gdpr = vault.gdpr(for: models.patient)
      let results = try await withThrowingTaskGroup(of: ErasureResult?.self) { group in
        for writer in 0..<4 {
          group.addTask {
            for step in 0..<50 { await write(ids[(writer * 13 + step) % 60], models, store) }
            return nil
          }
        }
        for id in erased {
          group.addTask {
            try await gdpr.rightToErasure(
              id, .init(requestedBy: id, reason: "r", legalBasis: .article17))
          }
        }
        return try await group.reduce(into: [ErasureResult]()) { all, one in
          if let one { all.append(one) }
        }
      }
      #expect(results.count == 50 && results.allSatisfy { $0.success && $0.identityDeleted })
      #expect(Set(results.map(\.sagaID)).count == 50)
      #expect(try RawContents.count("patients", in: places.identity) == 10)
      // Who stays is linked, and nobody else. Marks of commits that ended just now are no persons.
      await vault.close()
      let identity = RawContents.pseudonyms(try RawContents.live(places.identity))
      let clinical = RawContents.pseudonyms(try RawContents.live(places.clinical))
      #expect(identity.intersection(clinical).count == 10)
    }
  }
}

/// Writes about a person; refused while they are being erased.
private func write(_ id: ObjectID, _ models: ClinicModels, _ store: any Store) async {
  let session: Document = ["_id": .objectID(ObjectID()), "patient": .objectID(id)]
  _ = try? await store.write(.insert(Insert(models.session, .documents([session]))))
  _ = try? await store.write(
    .update(
      Update(
        models.patient, where: .document(["_id": .objectID(id)]),
        .operators(["$set": ["name": "late", "diagnosis": "late"]]))))
}
