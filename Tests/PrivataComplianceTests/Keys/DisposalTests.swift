import PrivataCompliance
import PrivataCore
import PrivataSQLite
import PrivataTesting
import TestSupport
import Testing

/// A store that is given up leaves nothing that anybody can read.
@Suite struct DisposalTests {
  private func acting(_ vault: Vault, _ user: String) -> Vault {
    vault.acting(as: .init(actor: .user(user), role: "officer", purpose: "operations"))
  }

  private func agreed(_ vault: Vault) async throws -> String {
    let number = try await acting(vault, "sue").approvals.request(
      .disposal, why: "the disks are sold")
    try await acting(vault, "tom").approvals.approve(number)
    return number
  }

  @Test func ofADisposedStoreOnlyCiphertextIsLeft() async throws {
    let clinic = try await SealedClinic(.files())
    let places = clinic.places
    // A copy of the disk from before.
    let copied = try await clinic.raw("visits", in: places.clinical)
    let number = try await agreed(clinic.vault)
    let statement = try await acting(clinic.vault, "sue").dispose(.clinical, approval: number)
    #expect(statement.isValid(publicKey: clinic.vault.audit.publicKey))
    let said = statement.statement
    #expect(said["store"] == "clinical" && said["approval"] == .string(number))
    #expect(said["epochKeys"]?.asArray?.count == 1)
    #expect((said["dataKeys"]?.asInt ?? 0) >= 2)
    func read(_ vault: Vault, _ model: ModelSchema) async -> PrivataError.Code? {
      await code { _ = try await vault.store.rows(for: Query(model)) }
    }
    #expect(await read(clinic.vault, clinic.visit) == .keyShredded)
    // Who they are is still known: the other store was not given up.
    let names = try await clinic.vault.store.rows(
      for: Query(clinic.patient, projection: .document(["name": 1, "_id": 0])))
    #expect(
      names.documents.compactMap { $0["name"]?.asString }.sorted() == [
        "Ada Canary", "Bob Canary",
      ])
    // No key is left that was wrapped for the store, and the disk has ciphertext only.
    let epochs = try await clinic.raw("privata_epoch_keys", in: places.keys)
    for row in epochs where row["store"] == "clinical" {
      #expect(row["wrapped"] ?? .null == .null && row["state"] == "shredded")
    }
    let keys = try await clinic.raw("privata_keys", in: places.keys)
    for row in keys where row["store"] == "clinical" {
      #expect(row["wrapped"] ?? .null == .null && row["state"] == "shredded")
    }
    for row in copied {
      for text in SealedClinic.canaries { #expect(!row.extendedJSON(.relaxed).contains(text)) }
    }
    await clinic.vault.close()
    // The next process has no key either.
    let folder = String(places.directory.dropLast("/journal".count))
    let same = SealedClinic.Places(
      identity: try await SQLiteStore(path: folder + "/identity.db"),
      clinical: try await SQLiteStore(path: folder + "/clinical.db"),
      keys: try await SQLiteStore(path: folder + "/keys.db"), directory: places.directory)
    let again = try await same.vault()
    try await again.store.prepare([clinic.patient, clinic.visit, clinic.staff])
    #expect(await read(again, clinic.visit) == .keyShredded)
    // What is written from now on is read again: the medium is in use anew.
    _ = try await again.store.write(
      .insert(
        Insert(
          clinic.visit,
          .documents([["_id": 9, "patient": .objectID(SealedClinic.bob), "summary": "new"]]))))
    let rows = try await again.store.rows(
      for: Query(clinic.visit, where: .document(["_id": 9])))
    #expect(rows.documents.first?["summary"] == "new")
    await again.close()
  }

  @Test func onePersonDisposesOfNothing() async throws {
    let clinic = try await SealedClinic()
    let sue = acting(clinic.vault, "sue")
    #expect(await code { _ = try await sue.dispose(.identity, approval: "none") } == .notFound)
    let open = try await sue.approvals.request(.disposal, why: "w")
    #expect(
      await code { _ = try await sue.dispose(.identity, approval: open) } == .approvalRequired)
    let other = try await sue.approvals.request(.purge, why: "w")
    try await acting(clinic.vault, "tom").approvals.approve(other)
    #expect(
      await code { _ = try await sue.dispose(.identity, approval: other) } == .approvalRequired)
    #expect(try await clinic.find(clinic.patient).count == 2)
    await clinic.vault.close()
    let plain = try await Clinic()
    #expect(
      await code { _ = try await acting(plain.vault, "sue").dispose(.identity, approval: "x") }
        == .unsupported)
    await plain.vault.close()
  }
}
