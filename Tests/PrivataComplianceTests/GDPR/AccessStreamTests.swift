import Foundation
import PrivataCompliance
import PrivataCore
import TestSupport
import Testing

@Suite struct AccessStreamTests {
  private func read(
    _ gdpr: GDPR, _ person: Int, after token: String? = nil, batch: Int = 2
  ) async throws -> [ExportChunk] {
    var chunks: [ExportChunk] = []
    for try await chunk in try gdpr.accessStream(Int64(person), after: token, batch: batch) {
      chunks.append(chunk)
    }
    return chunks
  }

  /// The stream holds what the report holds, records below records and lists of several people too.
  @Test func holdsWhatTheReportHolds() async throws {
    let dossier = try await DossierVault()
    let report = try await dossier.gdpr.rightToAccess(Int64(2))
    let text = try await read(dossier.gdpr, 2).map(\.text).joined()
    let whole = try Document(extendedJSON: text)
    #expect(whole["format"] == "privata-access")
    let streamed = (whole["records"]?.asArray ?? []).compactMap(\.asDocument)
    let wanted = report.records.flatMap { section in
      section.records.map { record -> Document in
        ["model": .string(section.model), "record": .document(record)]
      }
    }
    let plain = { (records: [Document]) in Set(records.map { $0.extendedJSON(.relaxed) }) }
    #expect(plain(streamed) == plain(wanted) && streamed.count == wanted.count)
    let frame = whole["report"]?.asDocument
    #expect(frame?["metadata"]?.asDocument?["rights"]?.asArray?.count == 9)
    #expect(frame?["accesses"]?.asArray?.isEmpty == false && frame?["records"] == nil)
    #expect(!text.contains(DossierModels.canary(1)) && !text.contains("pseu_"))
    // Both are in the log as access.
    #expect(
      try await dossier.vault.audit.count(
        matching: .init(model: "Person", action: .access, record: 2)) == 2)
  }

  @Test func goesOnBehindAToken() async throws {
    let dossier = try await DossierVault()
    let chunks = try await read(dossier.gdpr, 2, batch: 1)
    let records = { (text: String) in text.components(separatedBy: "],\"report\":")[0] }
    let whole = records(chunks.map(\.text).joined())
    for index in chunks.indices.dropLast() {
      let rest = try await read(dossier.gdpr, 2, after: chunks[index].token, batch: 1)
      let joined = chunks[...index].map(\.text).joined() + rest.map(\.text).joined()
      #expect(records(joined) == whole, "behind piece \(index)")
    }
    let bad = await code { _ = try await read(dossier.gdpr, 2, after: "x") }
    #expect(bad == .malformed)
    #expect(await code { _ = try await read(dossier.gdpr, 99) } == .notFound)
  }

  @Test func nobodyGetsItUnverified() async throws {
    let dossier = try await DossierVault { $0.requiresVerifiedRequests = true }
    #expect(await code { _ = try await read(dossier.gdpr, 2) } == .identityUnverified)
    let request = try await dossier.vault.requests.open(
      .access, of: dossier.models.person, subject: Int64(2))
    _ = try await dossier.vault.requests.confirmIdentity(request.id)
    #expect(try await read(dossier.gdpr, 2).count > 2)
  }

  // MARK: - Rights of others

  private func conversation(
    _ facts: [FieldFact] = []
  ) async throws -> (vault: Vault, person: ModelSchema) {
    let (person, message) = Self.models
    let memory = try await MemoryVault { $0.fieldFacts = facts }
    let vault = memory.vault
    try await vault.store.prepare([person, message])
    let people: [Document] = [
      [
        "_id": .objectID(Clinic.ada), "name": "Ada Lovelace", "email": "ada@example.org",
        "phone": "+44 20 7946 0001",
      ],
      [
        "_id": .objectID(Clinic.bob), "name": "Bob Lovelace", "email": "bob.b@example.org",
        "phone": "+44 20 7946 0002",
      ],
    ]
    let messages: [Document] = [
      [
        "_id": 1, "sender": .objectID(Clinic.ada), "recipient": .objectID(Clinic.bob),
        "text": .string("Dear bob, Ada Lovelace here; bobsled is fun. \(Clinic.bob)?"),
        "copies": [.objectID(Clinic.ada), .objectID(Clinic.bob)],
      ],
      [
        "_id": 2, "sender": .objectID(Clinic.bob), "recipient": .objectID(Clinic.ada),
        "text": "Call +44 20 7946 0002 or write to BOB.B@example.org",
        "thread": ["of": ["Bob Lovelace", "nobody"]],
      ],
    ]
    for (model, rows) in [(person, people), (message, messages)] {
      let outcome = try await vault.store.write(.insert(Insert(model, .documents(rows))))
      #expect(outcome.failures.isEmpty)
    }
    return (vault, person)
  }

  private static var models: (ModelSchema, ModelSchema) {
    let person = ModelSchema(
      name: "Person", collection: "people",
      fields: [
        FieldSchema("_id", .objectID, isOptional: false),
        FieldSchema("name", .string, privacy: .pii), FieldSchema("email", .string, privacy: .pii),
        FieldSchema("phone", .string, privacy: .pii),
      ], isOpen: true)
    let message = ModelSchema(
      name: "Message", collection: "messages",
      fields: [
        FieldSchema("_id", .int64, isOptional: false),
        FieldSchema("sender", .objectID, reference: Reference("Person")),
        FieldSchema("recipient", .objectID, reference: Reference("Person")),
        FieldSchema("text", .string, privacy: .pii),
        FieldSchema("copies", .array(.objectID), reference: Reference("Person")),
      ], isOpen: true)
    return (person, message)
  }

  /// Of a conversation one's own words are told, and nothing by which the other is known.
  @Test func aConversationNamesNobodyElse() async throws {
    let (vault, person) = try await conversation()
    let gdpr = vault.gdpr(for: person)
    let report = try await gdpr.rightToAccess(Clinic.ada)
    var streamed = ""
    for try await chunk in try gdpr.exportStream(Clinic.ada, .json) { streamed += chunk.text }
    for text in [report.json, streamed] {
      for word in [
        "bob.b@", "BOB.B@", "Bob", "Dear bob", "7946 0002", Clinic.bob.description, "pseu_",
      ] { #expect(!text.contains(word), "\(word)") }
      for word in ["Dear [another person]", "Ada Lovelace here", "bobsled is fun", "nobody"] {
        #expect(text.contains(word), "\(word)")
      }
    }
    #expect(
      Set(report.withheld.map(\.field)) == ["sender", "recipient", "copies", "text", "thread"])
    #expect(report.withheld.allSatisfy { $0.reason == .rightsOfOthers && $0.model == "Message" })
    // The other one sees the same of them.
    let other = try await gdpr.rightToAccess(Clinic.bob).json
    #expect(!other.contains("Ada") && other.contains("bob.b@example.org"))
  }

  /// A text that people write freely waits for somebody who has looked at it.
  @Test func freeTextIsLookedAtFirst() async throws {
    let (vault, person) = try await conversation([
      FieldFact(DataScope("Message", ["text"]), isFreeText: true)
    ])
    let gdpr = vault.gdpr(for: person)
    let first = try await gdpr.rightToAccess(Clinic.ada)
    #expect(!first.json.contains("bobsled"))
    #expect(first.withheld.contains { $0.field == "text" && $0.reason == .review })
    let second = try await gdpr.rightToAccess(
      Clinic.ada, reviewed: [DataScope("Message", ["text"])])
    #expect(second.json.contains("bobsled") && !second.json.contains("Dear bob"))
    #expect(!second.withheld.contains { $0.reason == .review })
    #expect(
      try await gdpr.rightToPortability(Clinic.ada).excluded.contains { $0.reason == .review })
  }
}
