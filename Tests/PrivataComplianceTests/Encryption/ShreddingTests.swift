import Foundation
import PrivataCore
import PrivataTesting
import Testing

@testable import PrivataCompliance

@Suite struct ShreddingTests {
  private let request = ErasureRequest(
    requestedBy: SealedClinic.ada, reason: "asked by letter", legalBasis: .article17)

  @Test func anErasureDestroysTheKeysAndKeepsWhatTheLawKeeps() async throws {
    for places in [SealedClinic.Places.memory(), try await .files()] {
      let clinic = try await SealedClinic(places)
      let before = try await clinic.raw("patients", in: places.identity)
      let stolen = try #require(
        before.first { $0["_id"] == .objectID(SealedClinic.ada) }?["email"]?.asBytes)
      let result = try await clinic.vault.gdpr(for: clinic.patient)
        .rightToErasure(SealedClinic.ada, request)
      #expect(result.success && result.clinicalPreserved)
      let statement = result.certificate.statement
      #expect(statement["destroyedKeys"]?.asArray?.count == 2)
      #expect(statement["unreadableInBackupsFrom"]?.asString?.isEmpty == false)
      #expect(
        try ErasureCertificate(json: result.certificate.json)
          .isValid(publicKey: clinic.vault.audit.publicKey))
      // A copy of the row that somebody kept: its key is gone.
      let keys = try #require(clinic.vault.core.subjectKeys)
      let error = await #expect(throws: PrivataError.self) {
        try await keys.keys([Envelope(stolen[...]).keyID])
      }
      #expect(error?.code == .keyShredded)
      // What is kept opens, under the fresh pseudonym's key.
      let visits = try await clinic.find(clinic.visit)
      #expect(visits.first { $0["_id"] == 1 }?["summary"] == "canary-summary")
      let kept = ModelSchema.clinicalHalf(of: clinic)
      let rows = try await clinic.vault.core.clinicalStore.rows(for: Query(kept)).documents
      #expect(rows.contains { $0["diagnosis"] == "canary-disease" && $0["_unlinked"] == true })
      #expect(try await clinic.find(clinic.patient).map { $0["name"] } == ["Bob Canary"])
      await clinic.vault.close()
    }
  }

  /// A backup of the data that is put back after the erasure stays closed.
  @Test func aRestoredRowSaysThatItWasErased() async throws {
    let clinic = try await SealedClinic()
    let model = ModelSchema(
      name: "Raw", collection: "patients", fields: [FieldSchema("_id", .any)], isOpen: true)
    let backup = try await clinic.raw("patients", in: clinic.places.identity)
    _ = try await clinic.vault.gdpr(for: clinic.patient).rightToErasure(SealedClinic.ada, request)
    let ada = backup.filter { $0["_id"] == .objectID(SealedClinic.ada) }
    _ = try await clinic.places.identity.write(.insert(Insert(model, .documents(ada))))
    let error = await #expect(throws: PrivataError.self) { try await clinic.find(clinic.patient) }
    #expect(error?.code == .keyShredded)
  }

  @Test func rotatesPeoplesKeysWhileServing() async throws {
    for places in [SealedClinic.Places.memory(), try await .files()] {
      let clinic = try await SealedClinic(places) { $0.encryption?.leaseSeconds = 30 }
      let encryption = try #require(clinic.vault.encryption)
      let before = try await clinic.raw("patients", in: places.identity).compactMap(\.self)
        .map { $0["name"] }
      let (failures, rotation) = try await rotated(clinic.vault)
      #expect(failures == [])
      #expect(rotation.made > 0 && rotation.resealed > 0)
      let after = try await clinic.raw("patients", in: places.identity).map { $0["name"] }
      #expect(Set(after).isDisjoint(with: Set(before)))
      let found = try await clinic.find(clinic.patient)
      #expect(found.map { $0["name"] } == ["Ada Canary", "Bob 39"])
      #expect(found.last?["visits"] == 42)
      _ = try await encryption.rotate(.epoch)
      _ = try await encryption.rotate(.root)
      let status = try await encryption.status()
      #expect(status.epochs.contains { $0.number == 2 && $0.state == "active" })
      #expect(!status.isEpochDue)
      #expect(status.keys.contains { $0.store == "identity" && $0.state == "active" })
      #expect(try await clinic.find(clinic.visit).first?["summary"] == "canary-summary")
      #expect(try await encryption.destroyEndedEpochs() == 0)
      await clinic.vault.close()
    }
  }

  /// Rotates all persons' keys while a program reads and writes.
  private func rotated(_ vault: Vault) async throws -> ([String], VaultEncryption.Rotation) {
    let encryption = try #require(vault.encryption)
    async let rotation = encryption.rotate(.subjects)
    var failures: [String] = []
    for step in 0..<40 {
      let change = Update(
        SealedClinic.patient, where: .document(["_id": .objectID(SealedClinic.bob)]),
        .operators(["$set": ["name": .string("Bob \(step)")], "$inc": ["visits": 1]]))
      do { _ = try await vault.store.write(.update(change)) } catch {
        failures.append("write: \(error)")
      }
      do { _ = try await vault.store.rows(for: Query(SealedClinic.patient)) } catch {
        failures.append("read: \(error)")
      }
    }
    return (failures, try await rotation)
  }

  /// After the erasure no byte of any file has a value of the person in the clear.
  @Test func noByteOfAnyFileHasTheValues() async throws {
    let places = try await SealedClinic.Places.files()
    let clinic = try await SealedClinic(places)
    _ = try await clinic.vault.gdpr(for: clinic.patient).rightToErasure(SealedClinic.ada, request)
    await clinic.vault.close()
    let folder = URL(filePath: places.directory).deletingLastPathComponent()
    let files = try #require(
      FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil))
    var looked = 0
    for case let file as URL in files {
      guard let data = try? Data(contentsOf: file) else { continue }
      looked += 1
      for canary in SealedClinic.canaries {
        #expect(data.range(of: Data(canary.utf8)) == nil, "\(file.lastPathComponent): \(canary)")
      }
    }
    #expect(looked > 3)
  }
}

extension ModelSchema {
  /// The patients as the clinical store's half of the vault has them.
  fileprivate static func clinicalHalf(of clinic: SealedClinic) -> ModelSchema {
    let separation = try? clinic.vault.core.registry.separation(of: clinic.patient)
    return separation?.clinical ?? clinic.patient
  }
}
