import Foundation
import PrivataCompliance
import PrivataCore
import TestPlaces
import TestSupport
import Testing

@Suite struct KeysCommandTests {
  private func sealed() async throws -> (tool: Tool, model: ModelSchema) {
    let tool = try await Tool(fill: false)
    let model = ModelSchema(
      name: "Person", collection: "people",
      fields: [
        FieldSchema("_id", .string, isOptional: false),
        FieldSchema("email", .string, privacy: .pii, encryption: .encrypted(index: .equality)),
        FieldSchema("note", .string, privacy: .phi, encryption: .encrypted),
      ])
    try await tool.with(encrypted: true) { vault in
      try await vault.store.prepare([model])
      let people: [Document] = [
        ["_id": "p1", "email": "p1@canary.org", "note": "canary-1"],
        ["_id": "p2", "email": "p2@canary.org", "note": "canary-2"],
      ]
      _ = try await vault.store.write(.insert(Insert(model, .documents(people))))
    }
    return (tool, model)
  }

  private func keys(_ tool: Tool, _ arguments: String...) throws -> Tool.Answer {
    try tool.run(
      ["keys"] + arguments + tool.stores + ["--key-store", tool.folder + "/keys.db", "--json"])
  }

  @Test(arguments: ["root", "epoch", "subjects", "index"])
  func aRotationIsReportedAndValuesStayReadable(_ level: String) async throws {
    let (tool, model) = try await sealed()
    defer { tool.remove() }
    let before = try keys(tool, "status")
    #expect(before.code == 0, "\(before.errors)")
    #expect(try before.json["identity active"]?.asInt == 2)
    let ciphertext = try tool.rows("identity", "SELECT hex(email) FROM people ORDER BY 1")
    let answer = try keys(tool, "rotate", "--level", level)
    #expect(answer.code == 0, "\(answer.errors)")
    switch level {
    case "subjects": #expect(try answer.json["resealed"]?.asInt == 4)
    case "index": #expect(try (answer.json["made"]?.asInt ?? 0) > 0)
    default: #expect(try (answer.json["rewrapped"]?.asInt ?? 0) > 0)
    }
    let after = try tool.rows("identity", "SELECT hex(email) FROM people ORDER BY 1")
    #expect((after != ciphertext) == (level == "subjects"))
    try await tool.with(encrypted: true) { vault in
      let rows = try await vault.store.rows(
        for: Query(model, where: .document(["email": "p1@canary.org"])))
      #expect(rows.documents.first?["note"] == "canary-1")
    }
  }

  /// A program that never touched a model rotates: the model's records are sealed anew too, and no key
  /// that they need is destroyed.
  @Test func aModelThatAProcessNeverUsedStaysReadable() async throws {
    let (tool, model) = try await sealed()
    defer { tool.remove() }
    let other = ModelSchema(
      name: "Other", collection: "others",
      fields: [
        FieldSchema("_id", .string, isOptional: false),
        FieldSchema("email", .string, privacy: .pii, encryption: .encrypted),
      ])
    try await tool.with(encrypted: true) { vault in
      try await vault.store.prepare([other])
      _ = try await vault.store.write(
        .insert(Insert(other, .documents([["_id": "o1", "email": "o1@canary.org"]]))))
      let rotation = try await vault.encryption?.rotate(.subjects)
      #expect(rotation?.resealed == 5)
    }
    try await tool.with(encrypted: true) { vault in
      let rows = try await vault.store.rows(for: Query(model)).documents
      #expect(Set(rows.compactMap { $0["note"]?.asString }) == ["canary-1", "canary-2"])
    }
  }

  /// The catalog brings the encryption of fields too: the tool opens what the program sealed.
  @Test func theToolReadsEncryptedFields() async throws {
    let (tool, _) = try await sealed()
    defer { tool.remove() }
    let answer = try tool.run(
      ["gdpr", "access", "--model", "Person", "--id", "p2", "--json"] + tool.stores
        + ["--key-store", tool.folder + "/keys.db"])
    #expect(answer.code == 0, "\(answer.errors)")
    #expect(answer.output.contains("p2@canary.org") && answer.output.contains("canary-2"))
    let without = try tool.run(
      ["gdpr", "access", "--model", "Person", "--id", "p2", "--json"] + tool.stores)
    #expect(without.code == 64 && without.errors.contains("key store"))
  }
}
