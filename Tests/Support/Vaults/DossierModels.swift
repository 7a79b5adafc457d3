public import PrivataCompliance
public import PrivataCore

/// A person about whom everything is kept that an erasure has to find: fields of both classes, sealed
/// and found by blind indexes, records of other models in both stores, records below those, lists
/// that name several people, and papers that a law has kept.
public struct DossierModels: Sendable {
  public let person: ModelSchema
  /// Divided, about a person, with a record below it.
  public let letter: ModelSchema
  public let page: ModelSchema
  /// In the clinical store, by pseudonym.
  public let visit: ModelSchema
  /// In the identity store; a law has it kept for ten years.
  public let invoice: ModelSchema

  public init() {
    person = Self.model(
      "Person", "persons",
      [
        FieldSchema("name", .string, privacy: .pii, encryption: .encrypted),
        FieldSchema(
          "email", .string, isUnique: true, privacy: .pii,
          encryption: .encrypted(index: .equality)),
        FieldSchema("friends", .array(.int64), reference: Reference("Person")),
        FieldSchema("diagnosis", .string, privacy: .phi, encryption: .encrypted),
      ])
    letter = Self.model(
      "Letter", "letters",
      [
        FieldSchema(
          "person", .int64, placement: .identity,
          reference: Reference("Person", onDelete: .cascade)),
        FieldSchema("subject", .string, privacy: .pii, encryption: .encrypted),
        FieldSchema("body", .string, privacy: .phi, encryption: .encrypted),
      ])
    page = Self.model(
      "Page", "pages",
      [
        FieldSchema("letter", .int64, reference: Reference("Letter", onDelete: .cascade)),
        FieldSchema("text", .string, privacy: .pii, encryption: .encrypted),
      ])
    visit = Self.model(
      "Visit", "visits",
      [
        FieldSchema("person", .int64, reference: Reference("Person")),
        FieldSchema("team", .array(.int64), reference: Reference("Person")),
        FieldSchema("summary", .string, privacy: .phi, encryption: .encrypted),
      ])
    invoice = Self.model(
      "Invoice", "invoices",
      [
        FieldSchema("person", .int64, reference: Reference("Person", onDelete: .cascade)),
        FieldSchema("issuedAt", .date), FieldSchema("amount", .int32),
        FieldSchema("address", .string, privacy: .pii, encryption: .encrypted),
      ])
  }

  private static func model(
    _ name: String, _ collection: String, _ fields: [FieldSchema]
  ) -> ModelSchema {
    ModelSchema(
      name: name, collection: collection,
      fields: [FieldSchema("_id", .int64, isOptional: false)] + fields, isOpen: true)
  }

  public var all: [ModelSchema] { [person, letter, page, visit, invoice] }

  /// The law that keeps the invoices.
  public static let obligation = RetentionRule.obligation(
    "issuedAt", .years(10), DataScope("Invoice"), ground: .legalObligation("tax law"))

  /// A text that occurs in every value of a person and nowhere else.
  public static func canary(_ person: Int, _ run: String = "canary") -> String {
    "\(run)-\(person)-ends"
  }

  /// Puts a person with everything about them into a vault.
  public func insert(
    _ person: Int, into store: any Store, run: String = "canary", issuedAt: DateTime = .now
  ) async throws {
    let id = Value.int64(Int64(person))
    let text = Self.canary(person, run)
    let records: [(ModelSchema, Document)] = [
      (
        self.person,
        [
          "_id": id, "name": .string("name \(text)"), "email": .string("\(text)@example.org"),
          "friends": [1], "diagnosis": .string("diagnosis \(text)"),
        ]
      ),
      (
        letter,
        [
          "_id": id, "person": id, "subject": .string("subject \(text)"),
          "body": .string("body \(text)"),
        ]
      ),
      (page, ["_id": id, "letter": id, "text": .string("text \(text)")]),
      (
        visit,
        ["_id": id, "person": id, "team": [id, 1], "summary": .string("summary \(text)")]
      ),
      (
        invoice,
        [
          "_id": id, "person": id, "issuedAt": .date(issuedAt), "amount": 7,
          "address": .string("address \(text)"),
        ]
      ),
    ]
    for (model, record) in records {
      let outcome = try await store.write(.insert(Insert(model, .documents([record]))))
      if let failure = outcome.failures.first { throw failure.error }
    }
  }

  /// A request to erase a person.
  public static let request = ErasureRequest(
    requestedBy: Value.string("office"), reason: "asked by letter", legalBasis: .article17)
}
