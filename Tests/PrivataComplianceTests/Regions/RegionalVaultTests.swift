import Foundation
import PrivataCompliance
import PrivataCore
import PrivataTesting
import Testing

@Suite struct RegionalVaultTests {
  // MARK: - Where records are

  @Test func eachRecordIsInItsRegionAlone() async throws {
    let regions = try await TwoRegions()
    try await regions.fill()
    let eu = try await regions.text(.eu)
    let us = try await regions.text(.us)
    for (theirs, others, names) in [
      (eu, us, ["Ada Canary", "Cleo Canary", "Eve Canary", "canary-asthma", "canary-visit-1"]),
      (us, eu, ["Bob Canary", "Dan Canary", "canary-flu", "canary-visit-2"]),
    ] {
      for name in names {
        #expect(theirs.contains(name), "\(name) is where it belongs")
        #expect(!others.contains(name), "\(name) is nowhere else")
      }
    }
    // The halves stay apart in each region.
    for region in [Region.eu, .us] {
      let identity = try await regions.raw(region, "identity", "people").map(\.keys)
      #expect(identity.allSatisfy { !$0.contains("diagnosis") })
      let clinical = try await regions.raw(region, "clinical", "people").map(\.keys)
      #expect(clinical.allSatisfy { !$0.contains("name") && !$0.contains("_id_person") })
    }
    #expect(try await regions.raw(.us, "identity", "wards").isEmpty)
    #expect(try await regions.raw(.eu, "identity", "wards").count == 1)
  }

  @Test func aThousandMixedPeople() async throws {
    let regions = try await TwoRegions()
    let countries = ["DE", "US", "FR", nil, "PR"]
    try await regions.insert(
      TwoRegions.person,
      (0..<1_000).map {
        regions.person("p\($0)", "N\($0)", countries[$0 % 5], age: $0 % 90, "d\($0 % 7)")
      })
    let eu = Set(
      try await regions.raw(.eu, "identity", "people").compactMap { $0["_id"]?.asString })
    let us = Set(
      try await regions.raw(.us, "identity", "people").compactMap { $0["_id"]?.asString })
    #expect(eu == Set((0..<1_000).filter { [0, 2, 3].contains($0 % 5) }.map { "p\($0)" }))
    #expect(us == Set((0..<1_000).filter { [1, 4].contains($0 % 5) }.map { "p\($0)" }))
    let first = try await regions.ids(
      Query(
        TwoRegions.person, where: .document(["diagnosis": "d3"]),
        sort: [SortKey("age", descending: true), SortKey("_id")], skip: 5, limit: 10))
    let expected = (0..<1_000).filter { $0 % 7 == 3 }
      .sorted { ($1 % 90, "p\($0)") < ($0 % 90, "p\($1)") }
      .dropFirst(5).prefix(10).map { "p\($0)" }
    #expect(first == expected)
  }

  // MARK: - Queries over all regions

  @Test func queriesAnswerAsOneStoreWould() async throws {
    let regions = try await TwoRegions()
    try await regions.fill()
    let person = TwoRegions.person
    #expect(
      try await regions.ids(Query(person, sort: [SortKey("age")]))
        == ["eve", "cleo", "us_bob", "eu_ada", "dan"])
    #expect(
      try await regions.ids(
        Query(
          person, projection: .fields(["_id"]), sort: [SortKey("age", descending: true)], skip: 1,
          limit: 2)) == ["eu_ada", "us_bob"])
    let projected = try await regions.store.rows(
      for: Query(
        person, projection: .document(["name": 1, "_id": 0]), sort: [SortKey("age")], limit: 1)
    ).documents
    #expect(projected == [["name": "Eve Canary"]])
    let cells = try await regions.store.rows(
      for: Query(
        person, projection: .fields(["name"]), sort: [SortKey("age")], limit: 2, layout: .cells))
    #expect(cells.width == 1)
    #expect(cells.value(row: 1, column: 0) == "Cleo Canary")
    #expect(try await regions.ids(Query(person, limit: 4)).count == 4)
    #expect(try await regions.ids(Query(person, skip: 4)).count == 1)
  }

  @Test func singleValuesOverAllRegions() async throws {
    let regions = try await TwoRegions()
    try await regions.fill()
    func value(_ query: Query) async throws -> Value? {
      try await regions.store.rows(for: query).value(row: 0, column: 0)
    }
    let person = TwoRegions.person
    #expect(try await value(Query(person, answer: .count)) == .int64(5))
    #expect(try await value(Query(person, skip: 3, limit: 10, answer: .count)) == .int64(2))
    let flu = Filter.document(["diagnosis": "canary-flu"])
    #expect(try await value(Query(person, where: flu, answer: .count)) == .int64(2))
    #expect(try await value(Query(person, where: flu, answer: .exists)) == true)
    let none = Filter.document(["diagnosis": "none"])
    #expect(try await value(Query(person, where: none, answer: .exists)) == false)
    let distinct = try await regions.store.rows(for: Query(person, answer: .distinct("diagnosis")))
    let values = (0..<distinct.count).compactMap { distinct.value(row: $0, column: 0)?.asString }
    #expect(values.sorted() == ["canary-asthma", "canary-flu", "canary-gout"])
  }

  @Test func pipelinesRunOverAllRegions() async throws {
    let regions = try await TwoRegions()
    try await regions.fill()
    let store = try #require(regions.store as? any AggregatingStore)
    let rows = try await store.aggregate(
      [
        ["$group": ["_id": "$diagnosis", "n": ["$sum": 1], "oldest": ["$max": "$age"]]],
        ["$match": ["n": 2]],
      ], on: TwoRegions.person, options: nil)
    #expect(rows.documents.map { $0["oldest"]?.asInt } == [50])
    await #expect(throws: PrivataError.self) {
      _ = try await store.aggregate([["$out": "x"]], on: TwoRegions.person, options: nil)
    }
    let one = try #require(try regions.vault.region(.us).store as? any AggregatingStore)
    let count = try await one.aggregate(
      [["$count": "n"]], on: TwoRegions.person, options: nil)
    #expect(count.documents.first?["n"]?.asInt == 2)
  }

  @Test func streamsRunThroughAllRegions() async throws {
    let regions = try await TwoRegions()
    try await regions.fill()
    let store = try #require(regions.store as? any StreamingStore)
    func all(_ query: Query) async throws -> Int {
      let stream = try await store.stream(query, batchSize: 2)
      var count = 0
      while let batch = try await stream.next() { count += batch.count }
      await stream.close()
      return count
    }
    #expect(try await all(Query(TwoRegions.person)) == 5)
    #expect(try await all(Query(TwoRegions.person, limit: 4)) == 4)
    let error = await #expect(throws: PrivataError.self) {
      _ = try await all(Query(TwoRegions.person, sort: [SortKey("age")]))
    }
    #expect(error?.code == .unsupported)
  }

  // MARK: - Changes

  @Test func changesReachTheRightRegion() async throws {
    let regions = try await TwoRegions()
    try await regions.fill()
    let person = TwoRegions.person
    let one = try await regions.store.write(
      .update(
        Update(
          person, where: .document(["_id": "dan"]), .operators(["$set": ["diagnosis": "new"]]))))
    #expect(one.matched == 1)
    let many = try await regions.store.write(
      .update(
        Update(person, where: .all, .operators(["$inc": ["age": 1]]), isMany: true)))
    #expect(many.matched == 5)
    let ages = try await regions.store.rows(
      for: Query(person, projection: .fields(["age"]), sort: [SortKey("age")])
    ).documents.compactMap { $0["age"]?.asInt }
    #expect(ages == [11, 21, 31, 41, 51])
    let oldest = try await regions.store.write(
      .update(
        Update(
          person, where: .document(["role": "patient"]), .operators(["$set": ["name": "Oldest"]]),
          sort: [SortKey("age", descending: true)])))
    #expect(oldest.matched == 1)
    #expect(try await regions.text(.us).contains("Oldest"))
    let deleted = try await regions.store.write(
      .delete(Delete(person, where: .document(["age": ["$gt": 30]]))))
    #expect(deleted.deleted == 3)
    #expect(try await regions.ids(Query(person, sort: [SortKey("_id")])) == ["cleo", "eve"])
    let youngest = try await regions.store.write(
      .delete(
        Delete(person, where: .document(["role": "patient"]), isMany: false, sort: [SortKey("age")])
      )
    )
    #expect(youngest.deleted == 1)
    #expect(try await regions.ids(Query(person)) == ["cleo"])
  }

  @Test(arguments: [("DE", Region.eu), ("US", .us)])
  func anUpsertGoesWhereItsDataSays(_ country: String, _ region: Region) async throws {
    let regions = try await TwoRegions()
    let update = Update(
      TwoRegions.person, where: .document(["_id": "zoe"]),
      .operators(["$set": ["name": "Zoe Canary", "country": .string(country)]]), isUpsert: true)
    _ = try await regions.store.write(.update(update))
    #expect(try await regions.text(region).contains("Zoe Canary"))
    // The second meets the first, whatever it says.
    var second = update
    second.changes = .operators(["$set": ["name": "Zoe Second", "country": "US"]])
    _ = try await regions.store.write(.update(second))
    #expect(try await regions.text(region).contains("Zoe Second"))
    #expect(try await regions.ids(Query(TwoRegions.person)) == ["zoe"])
  }

  @Test func severalChangesInOneCall() async throws {
    let regions = try await TwoRegions()
    let person = TwoRegions.person
    let insert = { (id: String, country: String) in
      Write.insert(
        Insert(person, .documents([regions.person(id, id, country, age: 1, nil)])))
    }
    let twice = try await regions.store.write(
      .bulk(
        [insert("a", "DE"), insert("b", "US"), insert("a", "DE"), insert("c", "US")],
        isOrdered: true))
    #expect(twice.inserted == 2)
    #expect(twice.failures.map(\.index) == [2])
    let unordered = try await regions.store.write(
      .bulk([insert("a", "DE"), insert("d", "US")], isOrdered: false))
    #expect(unordered.inserted == 1)
    #expect(unordered.failures.map(\.index) == [0])
    #expect(try await regions.ids(Query(person, sort: [SortKey("_id")])) == ["a", "b", "d"])
  }

  @Test func insertsOfBothRegionsAreAllOrNone() async throws {
    let regions = try await TwoRegions()
    try await regions.insert(TwoRegions.person, [regions.person("x", "X", "US", age: 1, nil)])
    await #expect(throws: PrivataError.self) {
      try await regions.insert(
        TwoRegions.person,
        [
          regions.person("new", "New Canary", "DE", age: 1, nil),
          regions.person("x", "X", "US", age: 1, nil),
        ])
    }
    #expect(try await !regions.text(.eu).contains("New Canary"))
  }

  @Test func rowsAnswerInTheOrderGiven() async throws {
    let regions = try await TwoRegions()
    let people = [("p1", "US"), ("p2", "DE"), ("p3", "US"), ("p4", "FR")]
    let outcome = try await regions.store.write(
      .insert(
        Insert(
          TwoRegions.person,
          .documents(people.map { regions.person($0.0, $0.0, $0.1, age: 1, nil) }),
          returning: ["_id"])))
    #expect(outcome.inserted == 4)
    let rows = try #require(outcome.rows)
    #expect((0..<rows.count).map { rows.value(row: $0, column: 0) } == ["p1", "p2", "p3", "p4"])
  }

  // MARK: - Transactions

  @Test func aTransactionChangesOneRegion() async throws {
    let regions = try await TwoRegions()
    try await regions.fill()
    let person = TwoRegions.person
    let store = try #require(regions.store as? any TransactionalStore)
    try await store.withTransaction { inner in
      _ = try await inner.write(
        .insert(Insert(person, .documents([regions.person("fay", "Fay", "US", age: 5, nil)]))))
      let seen = try await inner.rows(for: Query(person, where: .document(["_id": "fay"])))
      #expect(seen.count == 1)
      #expect(try await inner.rows(for: Query(person)).count == 6)
      try await inner.withTransaction { nested in
        _ = try await nested.write(
          .update(
            Update(person, where: .document(["_id": "fay"]), .operators(["$set": ["age": 6]]))))
      }
    }
    #expect(try await regions.ids(Query(person, where: .document(["age": 6]))) == ["fay"])
    let error = await #expect(throws: PrivataError.self) {
      try await store.withTransaction { inner in
        for id in ["dan", "eu_ada"] {
          _ = try await inner.write(
            .update(
              Update(
                person, where: .document(["_id": .string(id)]), .operators(["$inc": ["age": 100]])))
          )
        }
      }
    }
    #expect(error?.code == .unsupported)
    #expect(try await regions.ids(Query(person, where: .document(["age": ["$gt": 99]]))).isEmpty)
  }

  // MARK: - Residency

  @Test func aRecordIsRefusedWhereItDoesNotBelong() async throws {
    let regions = try await TwoRegions()
    let us = try regions.vault.region(.us)
    let error = await #expect(throws: PrivataError.self) {
      _ = try await us.store.write(
        .insert(
          Insert(
            TwoRegions.person, .documents([regions.person("q", "Q Canary", "DE", age: 1, nil)]))))
    }
    #expect(error?.code == .residencyViolation)
    #expect(error?.description.contains("Canary") == false)
    #expect(try await !regions.text(.us).contains("Q Canary"))
    // Without a sign the region that is named decides.
    _ = try await us.store.write(
      .insert(
        Insert(TwoRegions.person, .documents([regions.person("r", "R", nil, age: 1, nil)]))))
    #expect(try await regions.text(.us).contains("r@example.org"))
    // What is about a person follows the person.
    let visit = Insert(TwoRegions.visit, .documents([["_id": 9, "person": "r"]]))
    let eu = try regions.vault.region(.eu)
    let second = await #expect(throws: PrivataError.self) {
      _ = try await eu.store.write(.insert(visit))
    }
    #expect(second?.code == .residencyViolation)
    _ = try await regions.store.write(.insert(visit))
    #expect(try await regions.raw(.us, "clinical", "visits").count == 1)
  }

  @Test func aCountryOfARegionWithoutStoresIsRefused() async throws {
    let regions = try await TwoRegions()
    let error = await #expect(throws: PrivataError.self) {
      try await regions.insert(
        TwoRegions.person, [regions.person("q", "Q", "GB", age: 1, nil)])
    }
    #expect(error?.code == .residencyViolation)
    #expect(throws: PrivataError.self) { _ = try regions.vault.region(.uk) }
  }

  @Test func anEnvelopeOfAnotherRegionDoesNotOpen() async throws {
    let person = ModelSchema(
      name: "Sealed", collection: "sealed",
      fields: [
        FieldSchema("_id", .string, isOptional: false),
        FieldSchema("name", .string, privacy: .pii, encryption: .encrypted),
      ], isOpen: true)
    let regions = try await TwoRegions(keys: true)
    try await regions.store.prepare([person])
    try await regions.insert(
      person, [["_id": "eu_1", "name": "Ada"], ["_id": "us_1", "name": "Bob"]])
    let row = try #require(try await regions.raw(.eu, "identity", "sealed").first)
    let us = try #require(regions.stores[.us]).identity
    let raw = ModelSchema(
      name: "Raw", collection: "sealed", fields: [FieldSchema("_id", .any)], isOpen: true)
    _ = try await us.write(
      .update(
        Update(
          raw, where: .document(["_id": "us_1"]),
          .operators(["$set": ["name": row["name"] ?? .null]]))))
    let error = await #expect(throws: PrivataError.self) {
      _ = try await regions.store.rows(for: Query(person, where: .document(["_id": "us_1"])))
    }
    #expect([.tampered, .unknownKey].contains(error?.code))
  }

  @Test func aDeadRegionStopsItsOwnRecordsAndNoOthers() async throws {
    let regions = try await TwoRegions()
    try await regions.fill()
    try await #require(regions.stores[.eu]).identity.close()
    #expect(
      try await regions.ids(Query(TwoRegions.person, where: .document(["_id": "us_bob"])))
        == ["us_bob"])
    await #expect(throws: PrivataError.self) {
      _ = try await regions.ids(Query(TwoRegions.person, where: .document(["_id": "eu_ada"])))
    }
    await #expect(throws: PrivataError.self) {
      _ = try await regions.ids(Query(TwoRegions.person))
    }
    #expect(try await !regions.text(.us).contains("Ada"))
  }

  // MARK: - Rights

  @Test func rightsReachThePersonWhereverTheyAre() async throws {
    let regions = try await TwoRegions()
    try await regions.fill()
    let gdpr = regions.vault.gdpr(for: TwoRegions.person)
    for (id, region, visits) in [("dan", Region.us, 1), ("eu_ada", .eu, 1)] {
      let report = try await gdpr.rightToAccess(id)
      #expect(report.records.first?.records.first?["_id"] == .string(id))
      #expect(report.records.filter { $0.model == "Visit" }.flatMap(\.records).count == visits)
      #expect(try await regions.events(region, .access).count == 1)
    }
    _ = try await gdpr.rightToRectification("dan", ["name": "Daniel Canary"])
    #expect(try await regions.text(.us).contains("Daniel Canary"))
    let result = try await gdpr.rightToErasure(
      "dan", .init(requestedBy: "dan", reason: "asked", legalBasis: .article17, clinical: .erase))
    #expect(result.identityDeleted)
    #expect(try await !regions.text(.us).contains("Daniel"))
    let again = try await gdpr.rightToErasure(
      "dan", .init(requestedBy: "dan", reason: "asked", legalBasis: .article17))
    #expect(again.wasErasedBefore)
    #expect(again.certificate.json == result.certificate.json)
    await #expect(throws: PrivataError.self) { _ = try await gdpr.rightToAccess("nobody") }
    // The same by the store that a style's model runs on.
    let byStore = try GDPR(TwoRegions.person, on: regions.store)
    #expect(try await byStore.rightToAccess("us_bob").records.first?.records.count == 1)
  }
}
