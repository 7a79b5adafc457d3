import Foundation
import PrivataCompliance
import PrivataCore
import PrivataTesting
import TestSupport

/// A vault over memory stores with persons about whom everything is kept that an erasure has to find.
struct DossierVault {
  let vault: Vault
  let models = DossierModels()
  let identity: MemoryStore
  let clinical: MemoryStore
  let audit: MemoryStore
  let keys: MemoryStore
  let directory: String

  var store: any Store { vault.store }
  var gdpr: GDPR { vault.gdpr(for: models.person) }

  /// - Parameter base: the places of another one, opened again.
  init(
    _ base: DossierVault? = nil, people: Int = 3, identity: MemoryStore? = nil,
    _ change: (inout VaultOptions) -> Void = { _ in }
  ) async throws {
    let store = { (name: String) in MemoryStore(name: "\(name)-\(UUID().uuidString)") }
    self.identity = identity ?? base?.identity ?? store("identity")
    clinical = base?.clinical ?? store("clinical")
    audit = base?.audit ?? store("audit")
    keys = base?.keys ?? store("keys")
    directory = base?.directory ?? Folders.temporary()
    var options = Folders.options(directory)
    options.encryption = EncryptionOptions(keyStore: .store(keys))
    options.encryption?.leaseSeconds = 0.2
    change(&options)
    vault = try await Vault(
      identity: .store(self.identity), clinical: .store(clinical), audit: .store(audit),
      options: options)
    vault.register(models.all)
    try await self.store.prepare(models.all)
    guard base == nil else { return }
    for person in 1...max(people, 1) { try await models.insert(person, into: self.store) }
  }

  func find(_ model: ModelSchema, _ filter: Filter = .all) async throws -> [Document] {
    try await store.rows(for: Query(model, where: filter, sort: [SortKey("_id")])).documents
  }

  func count(_ model: ModelSchema) async throws -> Int {
    try await find(model).count
  }

  /// Everything that the stores hold, as it is.
  func raw(_ stores: [MemoryStore]? = nil) async throws -> String {
    let names = [
      "persons", "letters", "pages", "visits", "invoices", "privata_retained", "privata_erasures",
      "privata_tombstones", "privata_rights", "privata_audit_events", "privata_keys",
    ]
    var text = ""
    for store in stores ?? [identity, clinical, audit, keys] {
      for name in names {
        for row in (try? await Clinic.raw(name, in: store)) ?? [] {
          text += row.extendedJSON(.canonical) + "\n"
        }
      }
    }
    return text
  }

  func acting(_ purpose: String) -> GDPR {
    vault.acting(as: .init(actor: .user("counsel"), role: "counsel", purpose: purpose))
      .gdpr(for: models.person)
  }
}
