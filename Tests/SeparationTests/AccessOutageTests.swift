import Foundation
import PrivataCompliance
import PrivataCore
import TestPlaces
import TestSupport
import Testing

/// A store that does not answer leaves a part of a report out, and the report says which.
@Suite(.serialized) struct AccessOutageTests {
  @Test(arguments: [
    Pair(identity: .sqlite, clinical: .postgres), Pair(identity: .postgres, clinical: .mongo),
  ])
  func whatIsMissingIsNamed(_ pair: Pair) async throws {
    let places = VaultPlaces(pair)
    try await places.removing {
      let outage = Outage()
      let vault = try await places.open(around: { place, source in
        place.name == places.clinical.name ? outage.before(source) : source
      })
      let models = ClinicModels()
      try await vault.store.prepare(models.all)
      let ids = [ObjectID(high: 1, low: 1), ObjectID(high: 1, low: 2)]
      for (id, name) in zip(ids, ["Ada Canary", "Bob Canary"]) {
        let patient: Document = [
          "_id": .objectID(id), "name": .string(name), "email": .string("\(name)@example.org"),
          "diagnosis": .string("illness of \(name)"),
        ]
        let session: Document = ["_id": .objectID(id), "patient": .objectID(id), "summary": "note"]
        _ = try await vault.store.write(.insert(Insert(models.patient, .documents([patient]))))
        _ = try await vault.store.write(.insert(Insert(models.session, .documents([session]))))
      }
      let gdpr = vault.gdpr(for: models.patient)
      outage.set(.everything)
      let partial = try await gdpr.rightToAccess(ids[0])
      #expect(!partial.isComplete)
      #expect(Set(partial.missing.map(\.model)).isSuperset(of: ["Patient", "Session"]))
      #expect(partial.missing.allSatisfy { $0.code == .connection })
      #expect(partial.json.contains("Ada Canary") && !partial.json.contains("illness of"))
      #expect(!partial.json.contains("Bob Canary"))
      let refused = await #expect(throws: PrivataError.self) {
        try await gdpr.rightToPortability(ids[0])
      }
      #expect(refused?.isRetriable == true)
      outage.set(.none)
      let whole = try await gdpr.rightToAccess(ids[0])
      #expect(whole.isComplete && whole.json.contains("illness of Ada Canary"))
      #expect(whole.records.map(\.model) == ["Patient", "Session"])
      await vault.close()
    }
  }
}
