import Foundation
import MongoStyle
import PrivataCompliance
import PrivataCore
import PrivataTesting
import Testing

@Suite struct VaultTests {
  private func schema() -> Schema {
    Schema(
      [
        "name": .string(.required, .pii), "email": .string(.pii), "diagnosis": .string(.phi),
        "role": .string, "sessions": [.ref("Session")],
      ], options: .timestamps)
  }

  @Test func sameModelUnderAVault() async throws {
    let directory = NSTemporaryDirectory() + "mongostyle-\(UInt64.random(in: 0...UInt64.max))"
    defer { try? FileManager.default.removeItem(atPath: directory) }
    let identity = MemoryStore(name: "identity")
    let clinical = MemoryStore(name: "clinical")
    var options = VaultOptions()
    options.journal.directory = directory
    let vault = try await Vault(
      identity: .store(identity), clinical: .store(clinical), options: options)
    let User = try vault.model("User", schema())
    try vault.model("Session", ["minutes": .number])

    let ada = try await User.create(["name": "Ada", "diagnosis": "flu", "role": "patient"])
    let found = try await User.find(["role": "patient", "diagnosis": "flu"]).exec()
    #expect(found.map { $0.text("name") } == ["Ada"])
    ada["diagnosis"] = "cold"
    try await ada.save()
    #expect(try await User.findById(ada._id).lean().exec()?["diagnosis"] == "cold")
    await vault.close()
  }
}
