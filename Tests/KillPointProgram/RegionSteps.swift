import Foundation
import PrivataCompliance
import PrivataCore
import PrivataSQLite
import TestSupport

/// A person's move from one region to another, which is killed in the middle.
struct RegionSteps {
  let folder: String
  let models = ClinicModels()

  func run(_ step: String) async throws -> String {
    let vault = try await open()
    switch step {
    case "region-fill": try await fill(vault)
    case "region-move":
      _ = try await vault.gdpr(for: models.patient).relocate(
        KillPointSteps.ada, to: .us, basis: .derogation(.explicitConsent(reference: "c-1")))
    default:
      let query = Query(models.patient, sort: [SortKey("name")])
      return try await vault.store.rows(for: query).documents.compactMap { $0["name"]?.asString }
        .joined(separator: ",")
    }
    return "done"
  }

  private func open() async throws -> Vault {
    var options = VaultOptions()
    options.journal.directory = folder + "/journal"
    options.journal.segmentBytes = 1 << 20
    let stores = { (region: Region, byte: UInt8) in
      RegionStores(
        region, identity: .sqlite(folder + "/\(region)-identity.db"),
        clinical: .sqlite(folder + "/\(region)-clinical.db"),
        masterKey: .bytes(Array(repeating: byte, count: 32)))
    }
    let vault = try await Vault(regions: [stores(.eu, 1), stores(.us, 2)], options: options)
    try await vault.store.prepare(models.all)
    return vault
  }

  private func fill(_ vault: Vault) async throws {
    for (id, name, country) in [
      (KillPointSteps.ada, "ada", "DE"), (KillPointSteps.bob, "bob", "US"),
    ] {
      let document: Document = [
        "_id": .objectID(id), "name": .string(name), "email": .string("\(name)@example.org"),
        "country": .string(country), "age": 1, "diagnosis": .string("d-" + name), "weight": 1.0,
      ]
      _ = try await vault.store.write(.insert(Insert(models.patient, .documents([document]))))
    }
    _ = try await vault.store.write(
      .insert(
        Insert(
          models.session,
          .documents([
            [
              "_id": .objectID(KillPointSteps.ada), "patient": .objectID(KillPointSteps.ada),
              "summary": "note",
            ]
          ]))))
  }
}
