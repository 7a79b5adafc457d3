import Foundation
import PrivataCompliance
import PrivataCore
import PrivataSQLite
import PrivataTesting
import TestSupport
import Testing

/// A backup that is restored does not bring an erased person back.
@Suite struct RestoreTests {
  private let request = DossierModels.request

  /// A vault over files, which can be copied away and put back.
  private struct Files {
    let folder = Folders.temporary()
    let models = DossierModels()

    init() throws {
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    }

    func open() async throws -> Vault {
      var options = Folders.options(folder + "/journal")
      options.encryption = EncryptionOptions(keyStore: .sqlite(folder + "/keys.db"))
      options.encryption?.leaseSeconds = 0.2
      let vault = try await Vault(
        identity: .sqlite(folder + "/identity.db"), clinical: .sqlite(folder + "/clinical.db"),
        audit: .sqlite(folder + "/audit.db"), options: options)
      return vault
    }

    func copy(_ names: [String], to other: String) throws {
      try FileManager.default.createDirectory(
        atPath: "\(folder)/\(other)", withIntermediateDirectories: true)
      for name in names {
        try? FileManager.default.removeItem(atPath: "\(folder)/\(other)/\(name).db")
        try FileManager.default.copyItem(
          atPath: "\(folder)/\(name).db", toPath: "\(folder)/\(other)/\(name).db")
      }
    }

    func restore(_ names: [String], from other: String) throws {
      for name in names {
        for end in ["", "-wal", "-shm"] {
          try? FileManager.default.removeItem(atPath: "\(folder)/\(name).db\(end)")
        }
        try FileManager.default.copyItem(
          atPath: "\(folder)/\(other)/\(name).db", toPath: "\(folder)/\(name).db")
      }
    }
  }

  /// Which stores go back to yesterday; with them the ledger of erasures, or not.
  @Test(arguments: [
    ["identity"], ["clinical"], ["identity", "clinical"], ["identity", "clinical", "audit"],
    ["identity", "clinical", "audit", "keys"],
  ])
  func anOlderBackupIsErasedAgain(_ stores: [String]) async throws {
    let files = try Files()
    var vault = try await files.open()
    try await vault.store.prepare(files.models.all)
    for person in 1...3 { try await files.models.insert(person, into: vault.store) }
    await vault.close()
    try files.copy(["identity", "clinical", "audit", "keys"], to: "yesterday")

    vault = try await files.open()
    try await vault.store.prepare(files.models.all)
    let result = try await vault.gdpr(for: files.models.person).rightToErasure(Int64(2), request)
    #expect(result.clinicalPreserved)
    await vault.close()
    try files.restore(stores, from: "yesterday")

    vault = try await files.open()
    #expect(vault.erasures.waitingForReplay == 1)
    // Whoever asks finds the erasure carried out again.
    try await vault.store.prepare(files.models.all)
    let people = try await vault.store.rows(
      for: Query(files.models.person, sort: [SortKey("_id")])
    ).documents
    #expect(people.map { $0["_id"]?.asInt } == [1, 3])
    #expect(vault.erasures.waitingForReplay == 0)
    for model in [files.models.letter, files.models.page, files.models.invoice] {
      let rows = try await vault.store.rows(for: Query(model)).documents
      #expect(rows.count == 2, "\(model.name)")
    }
    let events = try await vault.audit.count(matching: .init(model: "Person", action: .erase))
    #expect(events >= 1)
    await vault.close()
    try await expectLinked(2, files)

    // Once more finds nothing to do.
    vault = try await files.open()
    #expect(vault.erasures.waitingForReplay == 0)
    await vault.close()
    try FileManager.default.removeItem(atPath: files.folder)
  }

  /// Clinical rows of nobody are marked as such, or gone.
  private func expectLinked(_ count: Int, _ files: Files) async throws {
    let store = try await SQLiteStore(path: files.folder + "/clinical.db")
    for table in ["persons", "letters"] {
      let model = ModelSchema(
        name: "Raw", collection: table,
        fields: [
          FieldSchema("pseudonym", .string, isOptional: false), FieldSchema("_unlinked", .bool),
        ], primaryKey: ["pseudonym"])
      let query = Query(model, where: .isNull("_unlinked"), answer: .count, layout: .cells)
      #expect(try await store.rows(for: query).value(row: 0, column: 0)?.asInt == count, "\(table)")
    }
    await store.close()
  }

  /// Who registers again is another person, and stays one when a backup is restored.
  @Test func whoRegistersAgainStays() async throws {
    let dossier = try await DossierVault()
    _ = try await dossier.gdpr.rightToErasure(Int64(2), request)
    let text = DossierModels.canary(2, "again")
    let person: Document = [
      "_id": 2, "name": .string("name \(text)"), "email": .string("\(text)@example.org"),
    ]
    _ = try await dossier.store.write(
      .insert(Insert(dossier.models.person, .documents([person]))))
    // A store without tombstones, as one that was restored from the day of the registration has.
    let tombstones = ModelSchema(
      name: "Raw", collection: "privata_tombstones", fields: [FieldSchema("_id", .any)],
      isOpen: true)
    _ = try await dossier.identity.write(.delete(Delete(tombstones, where: .all)))
    let again = try await DossierVault(dossier)
    #expect(try await again.count(again.models.person) == 3)
    #expect(again.vault.erasures.waitingForReplay == 0)
    let names = try await again.find(again.models.person).compactMap { $0["name"]?.asString }
    #expect(names.contains("name \(text)"))
  }

  @Test func aTombstoneThatWasChangedIsRefused() async throws {
    let dossier = try await DossierVault()
    _ = try await dossier.gdpr.rightToErasure(Int64(2), request)
    let path = dossier.directory + "/erasures.log"
    let text = try String(contentsOfFile: path, encoding: .utf8)
    #expect(text.hasSuffix("\n") && !text.contains(DossierModels.canary(2)))
    let changed = text.replacing("\"clinicalKept\":true", with: "\"clinicalKept\":false")
    #expect(changed != text)
    try changed.write(toFile: path, atomically: true, encoding: .utf8)
    let error = await #expect(throws: PrivataError.self) { try await DossierVault(dossier) }
    #expect(error?.code == .tampered)
    #expect(error?.message.contains("line 1") == true)
    // A line that a crash cut off is as if it were not there: the stores have it still.
    try String(text.dropLast(9)).write(toFile: path, atomically: true, encoding: .utf8)
    let again = try await DossierVault(dossier)
    #expect(try await again.count(again.models.person) == 2)
  }
}
