import PrivataCore
import PrivataTesting
import Testing

@testable import PrivataCompliance

@Suite struct EncryptedFieldTests {
  @Test func comesBackAsItWas() async throws {
    let clinic = try await SealedClinic()
    let ada = try #require(try await clinic.find(clinic.patient).first)
    #expect(ada["name"] == "Ada Canary")
    #expect(ada["email"] == "Ada.Canary@example.org")
    #expect(ada["notes"] == [["text": "canary-note"]])
    #expect(ada["score"] == 7)
    #expect(!ada.keys.contains { $0.hasSuffix("__tag") })
    let bob = try await clinic.find(clinic.patient).last
    #expect(bob?["score"] == .null)
    #expect(bob?.contains("notes") == false)
  }

  @Test func theStoresHoldNoPlaintext() async throws {
    let clinic = try await SealedClinic()
    for store in [clinic.places.identity, clinic.places.clinical] {
      for name in ["patients", "visits"] {
        for document in try await clinic.raw(name, in: store) {
          let bytes = String(decoding: document.bson, as: UTF8.self)
          for canary in SealedClinic.canaries { #expect(!bytes.contains(canary)) }
        }
      }
    }
    let row = try #require(try await clinic.raw("patients", in: clinic.places.identity).first)
    let email = try #require(row["email"]?.asBytes)
    #expect(try Envelope(email[...]).ciphertext.count.isMultiple(of: 16))
    #expect(row["email__tag"]?.asBytes?.count == 16)
    #expect(row["zip__tag"]?.asBytes?.count == 1)
    #expect(row["name__tag"] == nil)
  }

  /// Every way to say equality, in both languages.
  static let equalities: [(Filter, [Value])] = {
    let ada = Value.objectID(SealedClinic.ada)
    let bob = Value.objectID(SealedClinic.bob)
    return [
      (.document(["email": " ADA.canary@example.org"]), [ada]),
      (.document(["email": "nobody@example.org"]), []),
      (.document(["email": ["$in": ["bob@example.org", "x"]]]), [bob]),
      (.document(["email": ["$ne": "bob@example.org"]]), [ada]),
      (.document(["email": ["$nin": ["bob@example.org"]]]), [ada]),
      (.document(["email": ["$not": ["$eq": "bob@example.org"]]]), [ada]),
      (.document(["email": ["$exists": true, "$ne": "bob@example.org"]]), [ada]),
      (.document(["email": .null]), []),
      (
        .document(["$or": [["email": "bob@example.org"], ["diagnosis": "canary-disease"]]]),
        [ada, bob]
      ),
      (.document(["$nor": [["email": "bob@example.org"]]]), [ada]),
      (.document(["$and": [["role": "patient"], ["email": "bob@example.org"]]]), [bob]),
      (.document(["zip": "10115"]), [ada]),
      (.document(["zip": ["$in": ["10115", "20095"]]]), [ada, bob]),
      (.document(["zip": ["$ne": "10115"]]), [bob]),
      (.document(["zip": ["$nin": ["10115"]]]), [bob]),
      (.document(["$nor": [["zip": "10115"]]]), [bob]),
      (.document(["diagnosis": "J45"]), [bob]),
      (.compare("email", .equal, "BOB@example.org "), [bob]),
      (.compare("email", .notEqual, "bob@example.org"), [ada]),
      (.compare("zip", .equal, "20095"), [bob]),
      (.compare("zip", .notEqual, "20095"), [ada]),
      (.isIn("email", ["bob@example.org"]), [bob]),
      (.isNotIn("email", ["bob@example.org"]), [ada]),
      (.isIn("zip", ["10115"]), [ada]),
      (.isNotIn("zip", ["10115"]), [bob]),
      (.not(.compare("email", .equal, "bob@example.org")), [ada]),
      (.not(.compare("zip", .equal, "20095")), [ada]),
      (.or([.compare("zip", .equal, "20095"), .compare("diagnosis", .equal, "none")]), [bob]),
      (.isNotNull("email"), [ada, bob]), (.isNull("name"), []),
      (.and([.compare("visits", .greater, 1), .compare("zip", .equal, "20095")]), [bob]),
    ]
  }()

  @Test(arguments: 0..<equalities.count)
  func findsByEquality(_ index: Int) async throws {
    let (filter, wanted) = Self.equalities[index]
    let clinic = try await SealedClinic()
    #expect(try await clinic.ids(filter) == wanted, "\(filter)")
    let count = Query(clinic.patient, where: filter, answer: .count)
    let found = try await clinic.store.rows(for: count).value(row: 0, column: 0)?.asInt
    #expect(found == wanted.count)
    let exists = Query(clinic.patient, where: filter, answer: .exists)
    #expect(
      try await clinic.store.rows(for: exists).value(row: 0, column: 0)?.asBool == !wanted.isEmpty)
    let files = try await SealedClinic(.files())
    #expect(try await files.ids(filter) == wanted, "on files: \(filter)")
  }

  static let refused: [Filter] = [
    .document(["email": ["$gt": "a"]]), .document(["email": ["$lte": "a"]]),
    .document(["email": .regex(RegularExpression("^a"))]),
    .document(["email": ["$in": [.regex(RegularExpression("^a"))]]]),
    .document(["email": ["$not": .regex(RegularExpression("^a"))]]),
    .document(["email": ["$regex": "^a"]]), .document(["name": "Ada Canary"]),
    .document(["notes.text": "canary-note"]), .document(["notes": ["$size": 1]]),
    .document(["$expr": ["$eq": ["$email", "x"]]]), .document(["email": [1, 2]]),
    .compare("email", .less, "b"), .compare("name", .equal, "Ada"),
    .compareFields("email", .equal, "name"), .text("email", .contains, "a", ignoringCase: false),
    .list("notes", .isEmpty, []), .isIn("name", ["Ada"]),
  ]

  @Test(arguments: 0..<refused.count)
  func refusesWhatCiphertextCannotAnswer(_ index: Int) async throws {
    let clinic = try await SealedClinic()
    let error = await #expect(throws: PrivataError.self) {
      try await clinic.ids(Self.refused[index])
    }
    #expect(error?.code == .unsupported || error?.code == .wrongType)
    #expect(error?.fields.isEmpty == false, "names no field: \(Self.refused[index])")
    #expect(error?.message.contains("canary") == false)
  }

  @Test func refusesToSort() async throws {
    let clinic = try await SealedClinic()
    let query = Query(clinic.patient, sort: [SortKey("email")])
    let error = await #expect(throws: PrivataError.self) {
      try await clinic.store.rows(for: query)
    }
    #expect(error?.code == .unsupported && error?.fields == ["email"])
  }

  @Test func skipsAndLimitsAfterTheSharedTags() async throws {
    let clinic = try await SealedClinic()
    let more = (10..<60).map { number -> Document in
      [
        "_id": .objectID(ObjectID(high: 2, low: UInt32(number))),
        "email": .string("p\(number)@example.org"), "zip": number % 2 == 0 ? "10115" : "99999",
        "visits": .int(number),
      ]
    }
    try await clinic.insert(clinic.patient, more)
    var query = Query(
      clinic.patient, where: .document(["zip": "10115", "visits": ["$gte": 10]]),
      projection: .fields(["visits"]), sort: [SortKey("visits")], skip: 3, limit: 4)
    let found = try await clinic.store.rows(for: query).documents.compactMap { $0["visits"] }
    #expect(found == [16, 18, 20, 22])
    query.layout = .cells
    let cells = try await clinic.store.rows(for: query)
    #expect(cells.width == 1)
    #expect(
      (0..<cells.count).compactMap { cells.value(row: $0, column: 0)?.asInt } == [16, 18, 20, 22])
  }

  @Test func answersDistinctValues() async throws {
    let clinic = try await SealedClinic()
    let query = Query(clinic.patient, answer: .distinct("email"))
    let rows = try await clinic.store.rows(for: query)
    let found = Set((0..<rows.count).compactMap { rows.value(row: $0, column: 0)?.asString })
    #expect(found == ["Ada.Canary@example.org", "bob@example.org"])
  }

  @Test func projects() async throws {
    let clinic = try await SealedClinic()
    let own = Filter.document(["_id": .objectID(SealedClinic.ada)])
    let pick: [(Projection, Set<String>)] = [
      (.fields(["name", "role"]), ["name", "role"]),
      (.document(["name": 1, "_id": 0]), ["name"]),
      (.document(["role": 1]), ["_id", "role"]),
      (.document(["notes": ["$slice": 1], "name": 1]), ["_id", "name", "notes"]),
      (
        .document(["name": 0, "email": 0, "notes": 0, "zip": 0]),
        ["_id", "role", "visits", "diagnosis", "score", "weight"]
      ),
    ]
    for (projection, wanted) in pick {
      let query = Query(clinic.patient, where: own, projection: projection)
      let found = try #require(try await clinic.store.rows(for: query).documents.first)
      #expect(Set(found.keys).subtracting(["_id"]) == wanted.subtracting(["_id"]), "\(projection)")
      if wanted.contains("name") { #expect(found["name"] == "Ada Canary") }
    }
    let cells = Query(
      clinic.patient, where: own, projection: .fields(["score", "role", "name"]), layout: .cells)
    let row = try await clinic.store.rows(for: cells)
    #expect(row.width == 3)
    #expect(row.value(row: 0, column: 0) == 7 && row.value(row: 0, column: 2) == "Ada Canary")
  }

  @Test func uniqueHoldsUnderNormalisation() async throws {
    let clinic = try await SealedClinic()
    let error = await #expect(throws: PrivataError.self) {
      try await clinic.insert(clinic.patient, [["email": "BOB@example.org"]])
    }
    #expect(error?.code == .duplicateKey)
    #expect(error?.fields == ["email"])
  }

  @Test func updates() async throws {
    let clinic = try await SealedClinic()
    let own: Document = ["_id": .objectID(SealedClinic.ada)]
    try await clinic.update(own, ["$set": ["email": "new@example.org", "role": "former"]])
    #expect(try await clinic.ids(.document(["email": "new@example.org"])).count == 1)
    #expect(try await clinic.ids(.document(["email": "ada.canary@example.org"])).isEmpty)
    try await clinic.update(["email": "new@example.org"], ["$inc": ["score": 3, "visits": 1]])
    var ada = try #require(try await clinic.find(clinic.patient, .document(own)).first)
    #expect(ada["score"] == 10 && ada["visits"] == 2 && ada["role"] == "former")
    try await clinic.update(own, ["$push": ["notes": ["text": "more"]]])
    try await clinic.update(own, ["$unset": ["email": ""]])
    ada = try #require(try await clinic.find(clinic.patient, .document(own)).first)
    #expect(ada["notes"]?.asArray?.count == 2)
    #expect(!ada.contains("email"))
    let raw = try await clinic.raw("patients", in: clinic.places.identity)
    #expect(
      raw.allSatisfy { $0["_id"] != .objectID(SealedClinic.ada) || !$0.contains("email__tag") })
    try await clinic.update([:], ["$set": ["name": "Everybody"]])
    #expect(try await clinic.find(clinic.patient).allSatisfy { $0["name"] == "Everybody" })
    let changed = try await clinic.store.write(
      .update(
        Update(
          clinic.patient, where: .document(["zip": "10115"]),
          .operators(["$set": ["name": "By zip", "diagnosis": "both"]]), isMany: true,
          returning: .after)))
    #expect(changed.matched == 1 && changed.rows?.documents.first?["name"] == "By zip")
    #expect(changed.rows?.documents.first?["diagnosis"] == "both")
  }

  @Test func replacesAndUpserts() async throws {
    let clinic = try await SealedClinic()
    var replace = Update(
      clinic.patient, where: .document(["_id": .objectID(SealedClinic.ada)]),
      .replacement(["name": "Ada Two", "email": "two@example.org"]))
    replace.returning = .after
    let done = try await clinic.store.write(.update(replace))
    #expect(done.rows?.documents.first?["email"] == "two@example.org")
    let upsert = Update(
      clinic.patient, where: .document(["email": "three@example.org"]),
      .operators(["$set": ["name": "Three"], "$setOnInsert": ["zip": "1"]]), isUpsert: true)
    #expect(try await clinic.store.write(.update(upsert)).upserted.count == 1)
    let three = try await clinic.find(clinic.patient, .document(["email": "THREE@example.org"]))
    #expect(three.first?["name"] == "Three" && three.first?["zip"] == "1")
    #expect(try await clinic.store.write(.update(upsert)).matched == 1)
    #expect(try await clinic.find(clinic.patient).count == 3)
  }

  @Test func deletesByIndex() async throws {
    let clinic = try await SealedClinic()
    let delete = Delete(
      clinic.patient, where: .document(["zip": "20095"]), returning: .before)
    let outcome = try await clinic.store.write(.delete(delete))
    #expect(outcome.deleted == 1 && outcome.rows?.documents.first?["name"] == "Bob Canary")
    #expect(try await clinic.find(clinic.patient).count == 1)
    let visits = Delete(clinic.visit, where: .document(["summary": "other"]), returning: .before)
    let gone = try await clinic.store.write(.delete(visits))
    #expect(gone.rows?.documents.first?["minutes"] == 20)
  }

  @Test func aVisitThatChangesItsPatientChangesItsKey() async throws {
    let clinic = try await SealedClinic()
    let own = Filter.document(["_id": 1])
    func key() async throws -> KeyID {
      let row = try await clinic.raw("visits", in: clinic.places.clinical).first { $0["_id"] == 1 }
      return try Envelope(try #require(row?["summary"]?.asBytes)[...]).keyID
    }
    let before = try await key()
    let move = Update(
      clinic.visit, where: own, .operators(["$set": ["patient": .objectID(SealedClinic.bob)]]))
    _ = try await clinic.store.write(.update(move))
    #expect(try await key() != before)
    #expect(try await clinic.find(clinic.visit, own).first?["summary"] == "canary-summary")
  }

  @Test func keysThatTheStoreMakesWorkToo() async throws {
    for places in [SealedClinic.Places.memory(), try await .files()] {
      let clinic = try await SealedClinic(places)
      var rows = RowBatch(width: 3)
      for (number, blood) in ["A", "B"].enumerated() {
        rows.append(int32: Int32(number))
        rows.append(text: blood)
        rows.append(int32: 5)
      }
      let insert = Insert(
        clinic.staff, .cells(fields: ["grade", "blood", "dose"], rows),
        returning: ["id", "blood"])
      let done = try await clinic.store.write(.insert(insert))
      #expect(done.rows?.value(row: 1, column: 1) == "B")
      let query = Query(
        clinic.staff, where: .compare("blood", .equal, "B"), projection: .all, layout: .cells)
      let found = try await clinic.store.rows(for: query)
      #expect(found.count == 1 && found.width == 4)
      #expect(found.value(row: 0, column: 2) == "B" && found.value(row: 0, column: 3) == .int64(5))
      let change = Update(
        clinic.staff, where: .compare("blood", .equal, "B"),
        .assign([Assignment("dose", 1, .increment), Assignment("grade", 9)]), layout: .cells)
      #expect(try await clinic.store.write(.update(change)).matched == 1)
      let after = try await clinic.store.rows(for: query)
      #expect(after.value(row: 0, column: 3) == .int64(6))
      #expect(after.value(row: 0, column: 1) == .int32(9))
      await clinic.vault.close()
    }
  }

  @Test func transactionsAndStreams() async throws {
    for places in [SealedClinic.Places.memory(), try await .files()] {
      let clinic = try await SealedClinic(places)
      let store = try #require(clinic.store as? any TransactionalStore)
      let transaction = try await store.begin(TransactionOptions())
      _ = try await transaction.write(
        .update(
          Update(
            clinic.patient, where: .document(["email": "bob@example.org"]),
            .operators(["$set": ["name": "Robert"], "$push": ["notes": ["text": "x"]]]))))
      let inside = try await transaction.rows(
        for: Query(clinic.patient, where: .document(["email": "bob@example.org"])))
      #expect(inside.documents.first?["name"] == "Robert")
      try await transaction.rollback()
      #expect(try await clinic.find(clinic.patient).allSatisfy { $0["name"] != "Robert" })
      let streaming = try #require(clinic.store as? any StreamingStore)
      for filter in [Filter.all, .document(["zip": "10115"])] {
        let wanted = try await clinic.ids(filter).count
        let query = Query(clinic.patient, where: filter, projection: .fields(["name"]))
        let stream = try await streaming.stream(query, batchSize: 1)
        var names: [Value?] = []
        while let batch = try await stream.next() { names += batch.documents.map { $0["name"] } }
        #expect(
          names.count == wanted && names.allSatisfy { $0?.asString?.hasSuffix("Canary") == true })
      }
      await clinic.vault.close()
    }
  }

  @Test func aVaultWithoutKeysRefusesTheModel() async throws {
    let plain = try await MemoryVault()
    let error = await #expect(throws: PrivataError.self) {
      try await plain.vault.store.prepare([SealedClinic.patient])
    }
    #expect(error?.code == .badArgument && error?.message.contains("options.encryption") == true)
  }

  static let impossible: [FieldSchema] = [
    FieldSchema("a", .string, isUnique: true, privacy: .pii, encryption: .encrypted),
    FieldSchema(
      "a", .string, isUnique: true, privacy: .pii,
      encryption: .encrypted(index: .equality(bits: 8))),
    FieldSchema("a", .bool, privacy: .pii, encryption: .encrypted(index: .equality)),
    FieldSchema("a", .double, privacy: .pii, encryption: .encrypted(index: .equality)),
    FieldSchema(
      "a", .string, privacy: .pii, allowed: ["x", "y"], encryption: .encrypted(index: .equality)),
    FieldSchema("a", .int64, isGenerated: true, privacy: .pii, encryption: .encrypted),
    FieldSchema("a", .string, privacy: .pii, storeDefault: "x", encryption: .encrypted),
    FieldSchema(
      "a", .objectID, privacy: .pii, reference: Reference("Own"), encryption: .encrypted),
  ]

  @Test(arguments: impossible)
  func refusesEncryptionThatCannotBe(_ field: FieldSchema) async throws {
    let vault = try await SealedClinic.Places.memory().vault()
    let model = ModelSchema(
      name: "Own", collection: "own", fields: [FieldSchema("_id", .objectID), field])
    let error = await #expect(throws: PrivataError.self) { try await vault.store.prepare([model]) }
    #expect(error?.code == .badArgument && error?.fields == ["a"])
  }

  @Test func refusesAnEncryptedKeyAndATextIndex() async throws {
    let vault = try await SealedClinic.Places.memory().vault()
    let key = ModelSchema(
      name: "K", collection: "k",
      fields: [FieldSchema("_id", .string, privacy: .pii, encryption: .encrypted)])
    await #expect(throws: PrivataError.self) { try await vault.store.prepare([key]) }
    let text = ModelSchema(
      name: "T", collection: "t",
      fields: [
        FieldSchema("_id", .string),
        FieldSchema("a", .string, privacy: .pii, encryption: .encrypted),
      ], indexes: [IndexSchema(parts: [.init("a", kind: "text")])])
    await #expect(throws: PrivataError.self) { try await vault.store.prepare([text]) }
  }

  @Test(arguments: [
    ("+49 30 123", "0049-30-123", true), ("030 123", "+30123", false), (" +1 2", "+12", true),
  ])
  func phones(_ a: String, _ b: String, _ same: Bool) {
    #expect((Normaliser.apply([.phone], to: a) == Normaliser.apply([.phone], to: b)) == same)
  }

  @Test(arguments: [("  A b ", "a b"), ("", ""), ("   ", ""), ("ÄÖ", "äö"), ("İ", "i̇")])
  func texts(_ text: String, _ wanted: String) {
    #expect(Normaliser.apply([.trim, .lowercase], to: text) == wanted)
  }
}
