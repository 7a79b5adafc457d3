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

  private func read(_ vault: Vault, _ model: ModelSchema) async -> PrivataError.Code? {
    await code { _ = try await vault.store.rows(for: Query(model)) }
  }

  /// Neither an epoch's key nor a person's is left that was wrapped for the clinical store.
  private func checkKeys(_ clinic: SealedClinic) async throws {
    for table in ["privata_epoch_keys", "privata_keys"] {
      let model = ModelSchema(
        name: "Raw", collection: table,
        fields: [
          FieldSchema("_id", .uuid, isOptional: false), FieldSchema("store", .string),
          FieldSchema("state", .string), FieldSchema("wrapped", .binary),
        ])
      let rows = try await clinic.places.keys.rows(
        for: Query(model, where: .compare("store", .equal, "clinical"), layout: .cells))
      #expect(rows.count > 0)
      for row in 0..<rows.count {
        #expect(rows.value(row: row, column: 2) == "shredded")
        #expect(rows.value(row: row, column: 3)?.isNull == true)
      }
    }
  }

  /// The same files, opened anew.
  private func reopened(_ clinic: SealedClinic) async throws -> Vault {
    let folder = String(clinic.places.directory.dropLast("/journal".count))
    let same = SealedClinic.Places(
      identity: try await SQLiteStore(path: folder + "/identity.db"),
      clinical: try await SQLiteStore(path: folder + "/clinical.db"),
      keys: try await SQLiteStore(path: folder + "/keys.db"),
      directory: clinic.places.directory)
    let vault = try await same.vault()
    try await vault.store.prepare([clinic.patient, clinic.visit, clinic.staff])
    return vault
  }

  @Test func ofADisposedStoreOnlyCiphertextIsLeft() async throws {
    let clinic = try await SealedClinic(.files())
    // A copy of the disk from before.
    let copied = try await clinic.raw("visits", in: clinic.places.clinical)
    let number = try await agreed(clinic.vault)
    let statement = try await acting(clinic.vault, "sue").dispose(.clinical, approval: number)
    #expect(statement.isValid(publicKey: clinic.vault.audit.publicKey))
    let said = statement.statement
    #expect(said["store"] == "clinical" && said["approval"] == .string(number))
    #expect(said["epochKeys"]?.asArray?.count == 1 && said["dataKeys"]?.asInt ?? 0 >= 2)
    #expect(await read(clinic.vault, clinic.visit) == .keyShredded)
    // Who they are is still known: the other store was not given up.
    let names = try await clinic.vault.store.rows(
      for: Query(clinic.patient, projection: .document(["name": 1, "_id": 0])))
    #expect(
      Set(names.documents.compactMap { $0["name"]?.asString }) == ["Ada Canary", "Bob Canary"])
    try await checkKeys(clinic)
    for row in copied {
      for text in SealedClinic.canaries { #expect(!row.extendedJSON(.relaxed).contains(text)) }
    }
    await clinic.vault.close()
    // The next process has no key either; what is written from now on is read again.
    let again = try await reopened(clinic)
    #expect(await read(again, clinic.visit) == .keyShredded)
    let visit: Document = ["_id": 9, "patient": .objectID(SealedClinic.bob), "summary": "new"]
    _ = try await again.store.write(.insert(Insert(clinic.visit, .documents([visit]))))
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
