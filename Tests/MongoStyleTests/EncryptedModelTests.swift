import Foundation
import MongoStyle
import PrivataCompliance
import PrivataCore
import PrivataTesting
import Testing

@Suite struct EncryptedModelTests {
  @Test func anUnchangedProgramRunsOverEncryptedFields() async throws {
    let directory = NSTemporaryDirectory() + "mongostyle-\(UInt64.random(in: 0...UInt64.max))"
    defer { try? FileManager.default.removeItem(atPath: directory) }
    let identity = MemoryStore(name: "identity")
    var options = VaultOptions()
    options.journal.directory = directory
    options.encryption = EncryptionOptions(keyStore: .store(MemoryStore(name: "keys")))
    let vault = try await Vault(
      identity: .store(identity), clinical: .store(MemoryStore(name: "clinical")),
      options: options)
    let User = try vault.model(
      "User",
      [
        "name": .string(.required, .pii, .encrypted),
        "email": .string(
          .pii, .unique, .encrypted(index: .equality, normalising: [.trim, .lowercase])),
        "diagnosis": .string(.phi, .encrypted), "role": .string,
      ])
    let ada = try await User.create(["name": "Ada", "email": "ada@example.org", "role": "patient"])
    let found = try await User.find(["email": "ADA@example.org"]).exec()
    #expect(found.map { $0.text("name") } == ["Ada"])
    ada["diagnosis"] = "flu"
    ada["email"] = "countess@example.org"
    try await ada.save()
    #expect(try await User.findById(ada._id).lean().exec()?["diagnosis"] == "flu")
    #expect(try await User.countDocuments(["email": "countess@example.org"]).exec() == 1)
    await #expect(throws: PrivataError.self) { try await User.find([:]).sort(["name": 1]).exec() }
    await vault.close()
  }
}
