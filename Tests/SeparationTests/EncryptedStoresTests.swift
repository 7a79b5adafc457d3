import Foundation
import PrivataCompliance
import PrivataCore
import TestPlaces
import Testing

/// Encrypted fields on every pair of real stores, looked at with the databases' own clients.
@Suite(.serialized) struct EncryptedStoresTests {
  static let ada = ObjectID(high: 0x60A0_0000_0000_0001, low: 0xADA)
  static let bob = ObjectID(high: 0x60A0_0000_0000_0001, low: 0xB0B)

  static let patient = ModelSchema(
    name: "Patient", collection: "patients",
    fields: [
      FieldSchema("_id", .objectID, isOptional: false),
      FieldSchema("name", .string, privacy: .pii, encryption: .encrypted),
      FieldSchema(
        "email", .string, isUnique: true, privacy: .pii,
        encryption: .encrypted(index: .equality, normalising: [.lowercase])),
      FieldSchema(
        "zip", .string, privacy: .pii, encryption: .encrypted(index: .equality(bits: 2))),
      FieldSchema("role", .string, isIndexed: true), FieldSchema("visits", .int32),
      FieldSchema("diagnosis", .string, privacy: .phi, encryption: .encrypted(index: .equality)),
      FieldSchema("notes", .array(.document), privacy: .phi, encryption: .encrypted),
    ], isOpen: true)

  static let visit = ModelSchema(
    name: "Visit", collection: "visits",
    fields: [
      FieldSchema("_id", .objectID, isOptional: false),
      FieldSchema("patient", .objectID, reference: Reference("Patient")),
      FieldSchema("minutes", .int32),
      FieldSchema("summary", .string, privacy: .phi, encryption: .encrypted(index: .equality)),
    ], isOpen: true)

  /// A closed model, in cells, whose keys the store makes.
  static let staff = ModelSchema(
    name: "Staff", collection: "staff",
    fields: [
      FieldSchema("id", .int64, isOptional: false, isGenerated: true),
      FieldSchema("name", .string, privacy: .pii, encryption: .encrypted(index: .equality)),
      FieldSchema("grade", .int32),
      FieldSchema("since", .date, privacy: .pii, encryption: .encrypted),
      FieldSchema("dose", .decimal(), privacy: .phi, encryption: .encrypted),
    ], primaryKey: ["id"])

  private func withVault(
    _ pair: Pair, _ body: (Vault, (identity: Place, clinical: Place), String) async throws -> Void
  ) async throws {
    let keys = Place(.sqlite, "keys")
    try await pair.withVault({ options in
      options.encryption = EncryptionOptions(keyStore: keys.source)
      options.encryption?.leaseSeconds = 1
    }) { vault, places in
      try await vault.store.prepare([Self.patient, Self.visit])
      try await fill(vault)
      try await body(vault, places, keys.name)
    }
    try await keys.remove()
  }

  private func fill(_ vault: Vault) async throws {
    let patients: [Document] = [
      [
        "_id": .objectID(Self.ada), "name": "Ada Canary", "email": "Ada.Canary@example.org",
        "zip": "10115-canary", "role": "patient", "visits": 1, "diagnosis": "canary-disease",
        "notes": [["text": "canary-note"]],
      ],
      [
        "_id": .objectID(Self.bob), "name": "Bob Canary", "email": "bob@example.org",
        "zip": "20095-canary", "role": "patient", "visits": 2, "diagnosis": "J45-canary",
      ],
    ]
    _ = try await vault.store.write(.insert(Insert(Self.patient, .documents(patients))))
    let visits: [Document] = [
      [
        "_id": .objectID(ObjectID(high: 9, low: 1)), "patient": .objectID(Self.ada),
        "summary": "canary-summary", "minutes": 30,
      ]
    ]
    _ = try await vault.store.write(.insert(Insert(Self.visit, .documents(visits))))
    try await vault.audit.flush()
  }

  private func ids(_ vault: Vault, _ filter: Filter) async throws -> [Value] {
    let query = Query(
      Self.patient, where: filter, projection: .fields(["_id"]), sort: [SortKey("_id")])
    return try await vault.store.rows(for: query).documents.compactMap { $0["_id"] }
  }

  @Test(arguments: Pair.all)
  func theRawStoresHoldCiphertext(_ pair: Pair) async throws {
    try await withVault(pair) { vault, places, keys in
      var raw = try RawContents.dump(places.identity)
      if !pair.isOne { raw += try RawContents.dump(places.clinical) }
      raw += try Shell.run("sqlite3", [keys, ".dump"])
      for canary in [
        "Ada Canary", "ada.canary", "Ada.Canary", "bob@example", "10115-canary", "canary-disease",
        "J45-canary", "canary-note", "canary-summary",
      ] {
        #expect(!raw.contains(canary), "\(pair) holds \(canary)")
      }
      #expect(raw.contains("patient"))
      let both = try await vault.store.rows(for: Query(Self.patient)).documents
      let ada = try #require(both.first { $0["_id"] == .objectID(Self.ada) })
      #expect(ada["name"] == "Ada Canary" && ada["diagnosis"] == "canary-disease")
      #expect(ada["notes"] == [["text": "canary-note"]])
    }
  }

  private func checkEqualities(_ vault: Vault) async throws {
    let ada = Value.objectID(Self.ada)
    let bob = Value.objectID(Self.bob)
    let cases: [(Filter, [Value])] = [
      (.document(["email": "ADA.CANARY@example.org"]), [ada]),
      (.document(["zip": "20095-canary"]), [bob]),
      (.document(["diagnosis": "J45-canary"]), [bob]),
      (.document(["email": ["$ne": "bob@example.org"], "diagnosis": "canary-disease"]), [ada]),
      (
        .document(["$or": [["email": "bob@example.org"], ["diagnosis": "canary-disease"]]]),
        [ada, bob]
      ),
      (.document(["zip": ["$nin": ["20095-canary"]]]), [ada]),
      (.compare("email", .equal, "bob@example.org"), [bob]),
    ]
    for (filter, wanted) in cases { #expect(try await ids(vault, filter) == wanted, "\(filter)") }
  }

  @Test(arguments: Pair.all)
  func findsChangesAndErases(_ pair: Pair) async throws {
    try await withVault(pair) { vault, _, _ in
      let bob = Value.objectID(Self.bob)
      try await checkEqualities(vault)
      let change = Update(
        Self.patient, where: .document(["email": "bob@example.org"]),
        .operators([
          "$set": ["name": "Robert", "diagnosis": "I10"], "$inc": ["visits": 1],
          "$push": ["notes": ["text": "new"]],
        ]), returning: .after)
      let after = try await vault.store.write(.update(change)).rows?.documents.first
      #expect(after?["name"] == "Robert" && after?["visits"] == 3 && after?["diagnosis"] == "I10")
      #expect(after?["notes"] == [["text": "new"]])
      let taken = await #expect(throws: PrivataError.self) {
        let insert = Insert(Self.patient, .documents([["email": "BOB@example.org"]]))
        let outcome = try await vault.store.write(.insert(insert))
        if let failure = outcome.failures.first { throw failure.error }
      }
      #expect(taken?.code == .duplicateKey)
      #expect(taken?.fields == ["email"])
      let proof = try await vault.gdpr(for: Self.patient).rightToErasure(
        Self.ada, .init(requestedBy: Self.ada, reason: "letter", legalBasis: .article17))
      #expect(proof.success && proof.certificate.statement["destroyedKeys"] != nil)
      #expect(try await ids(vault, .all) == [bob])
      let visit = try await vault.store.rows(for: Query(Self.visit)).documents.first
      #expect(visit?["summary"] == "canary-summary" && visit?["patient"] == .null)
      let rotation = try await vault.encryption?.rotate(.subjects)
      #expect((rotation?.resealed ?? 0) > 0 && (rotation?.destroyed ?? 0) > 0)
      #expect(try await ids(vault, .document(["diagnosis": "I10"])) == [bob])
    }
  }

  @Test(arguments: Pair.same.filter { $0.identity != .mongo })
  func typedCellsComeBack(_ pair: Pair) async throws {
    try await withVault(pair) { vault, _, _ in
      try await vault.store.prepare([Self.staff])
      let since = Value.date(DateTime(milliseconds: 86_400_000))
      let dose = Value.decimal(try #require(Decimal128("2.50")))
      var rows = RowBatch(width: 4)
      rows.append(text: "Carla Canary")
      rows.append(int32: 3)
      rows.append(since)
      rows.append(dose)
      let insert = Insert(
        Self.staff, .cells(fields: ["name", "grade", "since", "dose"], rows), returning: ["id"])
      let id = try #require(
        try await vault.store.write(.insert(insert)).rows?.value(row: 0, column: 0))
      let query = Query(
        Self.staff, where: .compare("name", .equal, "Carla Canary"), layout: .cells)
      let found = try await vault.store.rows(for: query)
      #expect(found.count == 1 && found.value(row: 0, column: 0) == id)
      #expect(found.value(row: 0, column: 1) == "Carla Canary")
      #expect(found.value(row: 0, column: 3) == since)
      #expect(found.value(row: 0, column: 4) == dose)
      let change = Update(
        Self.staff, where: .compare("id", .equal, id),
        .assign([Assignment("name", "Carla Two"), Assignment("grade", 1, .increment)]),
        layout: .cells)
      #expect(try await vault.store.write(.update(change)).matched == 1)
      let upsert = Insert(
        Self.staff,
        .cells(
          fields: ["id", "name"],
          { () -> RowBatch in
            var row = RowBatch(width: 2)
            row.append(id)
            row.append(text: "Carla Three")
            return row
          }()), onConflict: .update(fields: ["id"], .assign([Assignment("name", "Carla Three")])))
      _ = try await vault.store.write(.insert(upsert))
      let three = Query(
        Self.staff, where: .compare("name", .equal, "Carla Three"), answer: .count, layout: .cells)
      #expect(try await vault.store.rows(for: three).value(row: 0, column: 0) == .int64(1))
    }
  }

  @Test(arguments: Pair.same)
  func pipelinesRunOverOpenRecords(_ pair: Pair) async throws {
    try await withVault(pair) { vault, _, _ in
      let person = ModelSchema(
        name: "Person", collection: "people",
        fields: [
          FieldSchema("_id", .int32), FieldSchema("role", .string),
          FieldSchema("email", .string, privacy: .pii, encryption: .encrypted(index: .equality)),
        ], isOpen: true)
      try await vault.store.prepare([person])
      let people: [Document] = [["_id": 1, "email": "a", "role": "x"], ["_id": 2, "email": "b"]]
      _ = try await vault.store.write(.insert(Insert(person, .documents(people))))
      let store = try #require(vault.store as? any AggregatingStore)
      let counted = try await store.aggregate(
        [["$match": ["email": "a"]], ["$group": ["_id": "$email", "n": ["$sum": 1]]]], on: person,
        options: nil)
      #expect(counted.documents == [["_id": "a", "n": 1]])
      let records = try await store.aggregate(
        [["$match": ["role": "x"]]], on: person, options: nil)
      #expect(records.documents.count == 1)
      #expect(records.documents.first?["email"] == "a")
    }
  }
}
