import MongoStyle
import PrivataCompliance
import PrivataCore

/// A way to the records, and what it has to leave behind.
struct VaultPath: Sendable {
  /// An event that the log has to hold, with the record concerned where it is known.
  struct Trace: Sendable {
    let action: AuditEvent.Action
    let model: String
    let record: ObjectID?

    init(_ action: AuditEvent.Action, _ model: String, _ record: ObjectID? = nil) {
      self.action = action
      self.model = model
      self.record = record
    }
  }

  let name: String
  let traces: [Trace]
  /// Values that were written, to be found in their half.
  let marks: [String]
  let take: @Sendable (VaultPathClinic) async throws -> Void

  init(
    _ name: String, _ traces: [Trace], marks: [String] = [],
    _ take: @escaping @Sendable (VaultPathClinic) async throws -> Void
  ) {
    self.name = name
    self.traces = traces
    self.marks = marks
    self.take = take
  }

  static let all = reads + aggregates + writes + bulks + transactions

  private static let ada = VaultPathClinic.ada
  private static let bob = VaultPathClinic.bob

  // MARK: - Reading

  private static let reads: [VaultPath] = [
    .init("find", [.init(.read, "Person", ada)]) {
      try expect(try await $0.people.find(["name": "pii-ada"]).exec().count == 1)
    },
    .init("lean", [.init(.read, "Person", ada)]) {
      let found = try await $0.people.find(["diagnosis": "phi-asthma"]).lean().exec()
      try expect(found.first?["name"] == "pii-ada")
    },
    .init("select of one half", [.init(.read, "Person", bob)]) {
      let found = try await $0.people.find(["age": 40]).select("weight").lean().exec()
      try expect(found.first?["weight"]?.asDouble == 80)
    },
    .init("findById", [.init(.read, "Person", bob)]) {
      try expect(try await $0.people.findById(bob).exec() != nil)
    },
    .init("cursor", [.init(.read, "Person", ada), .init(.read, "Person", bob)]) {
      var count = 0
      for try await _ in $0.people.find().cursor(batchSize: 1) { count += 1 }
      try expect(count == 2)
    },
    .init("cursor over one half", [.init(.read, "Visit", VaultPathClinic.visit)]) {
      for try await visit in $0.visits.find().lean().cursor(batchSize: 1) {
        try expect(visit["patient"] == .objectID(ada))
      }
    },
    .init("count", [.init(.count, "Person")]) {
      try expect(try await $0.people.countDocuments(["weight": ["$gt": 70]]).exec() == 1)
    },
    .init("estimated count", [.init(.count, "Person")]) {
      try expect(try await $0.people.estimatedDocumentCount().exec() == 2)
    },
    .init("exists", [.init(.read, "Person", ada)]) {
      try expect(try await $0.people.exists(["diagnosis": "phi-asthma"]).exec() != nil)
    },
    .init("distinct", [.init(.distinct, "Person")]) {
      let found = try await $0.people.distinct("diagnosis", ["name": "pii-bob"]).exec()
      try expect(found == ["phi-flu"])
    },
    .init("distinct references", [.init(.distinct, "Visit")]) {
      try expect(try await $0.visits.distinct("patient").exec() == [.objectID(ada)])
    },
    .init(
      "populate across the boundary",
      [.init(.read, "Visit", VaultPathClinic.visit), .init(.read, "Person", ada)]
    ) {
      let found = try await $0.visits.find().populate("patient", select: "name").lean().exec()
      try expect(found.first?["patient"]?.asDocument?["name"] == "pii-ada")
    },
    .init(
      "populate within a model", [.init(.read, "Person", bob), .init(.read, "Person", ada)]
    ) {
      let found = try await $0.people.find(["age": 40]).populate("friend").lean().exec()
      try expect(found.first?["friend"]?.asDocument?["diagnosis"] == "phi-asthma")
    },
  ]

  private static let aggregates: [VaultPath] = [
    .init("aggregate over both halves", [.init(.aggregate, "Person")]) {
      let rows = try await $0.people.aggregate()
        .match(["age": ["$gte": 30]])
        .group(["_id": "$diagnosis", "names": ["$push": "$name"]]).sort("_id").exec()
      try expect(
        rows == [
          ["_id": "phi-asthma", "names": ["pii-ada"]], ["_id": "phi-flu", "names": ["pii-bob"]],
        ])
    },
    .init("aggregate over references", [.init(.aggregate, "Visit")]) {
      let rows = try await $0.visits.aggregate().group(["_id": "$patient"]).exec()
      try expect(rows == [["_id": .objectID(ada)]])
    },
    .init(
      "lookup across the boundary", [.init(.aggregate, "Visit"), .init(.read, "Person")]
    ) {
      let rows = try await $0.visits.aggregate()
        .lookup([
          "from": .string($0.people.collection), "localField": "patient", "foreignField": "_id",
          "as": "person",
        ]).exec()
      try expect(rows.first?["person"]?.asArray?.first?.asDocument?["name"] == "pii-ada")
    },
  ]

  // MARK: - Writing

  private static let writes: [VaultPath] = [
    .init(
      "create", [.init(.insert, "Person")], marks: ["pii-cy", "phi-cy"]
    ) {
      _ = try await $0.people.create([
        "name": "pii-cy", "email": "pii-cy@example.org", "diagnosis": "phi-cy",
      ])
    },
    .init(
      "save", [.init(.read, "Person", ada), .init(.update, "Person")],
      marks: ["pii-saved", "phi-saved"]
    ) {
      let document = try await $0.people.findById(ada).orFail().exec()
      try document.set("name", "pii-saved")
      try document.set("diagnosis", "phi-saved")
      _ = try await document.save()
    },
    .init("updateOne", [.init(.update, "Person")], marks: ["pii-up", "phi-up"]) {
      _ = try await $0.people.updateOne(
        ["age": 40], ["$set": ["email": "pii-up", "diagnosis": "phi-up"]]
      ).exec()
    },
    .init("updateMany", [.init(.update, "Person")], marks: ["phi-many"]) {
      _ = try await $0.people.updateMany(
        ["weight": ["$gt": 1]], ["$set": ["diagnosis": "phi-many"]]
      ).exec()
    },
    .init("upsert", [.init(.update, "Person")], marks: ["pii-new", "phi-new"]) {
      _ = try await $0.people.updateOne(
        ["name": "pii-new"],
        ["$set": ["email": "pii-new@example.org", "diagnosis": "phi-new"]],
        options: ["upsert": true]
      ).exec()
    },
    .init("replaceOne", [.init(.update, "Visit")], marks: ["phi-replaced"]) {
      _ = try await $0.visits.replaceOne(
        ["_id": .objectID(VaultPathClinic.visit)],
        ["patient": .objectID(ada), "note": "phi-replaced"]
      ).exec()
    },
    .init(
      "findOneAndUpdate", [.init(.update, "Person")], marks: ["pii-found", "phi-found"]
    ) {
      let before = try await $0.people.findOneAndUpdate(
        ["age": 40], ["$set": ["email": "pii-found", "diagnosis": "phi-found"]]
      ).lean().exec()
      try expect(before?["name"] == "pii-bob")
    },
    .init(
      "findOneAndReplace", [.init(.update, "Person")], marks: ["pii-whole", "phi-whole"]
    ) {
      _ = try await $0.people.findOneAndReplace(
        ["_id": .objectID(bob)],
        [
          "name": "pii-whole", "email": "pii-whole@example.org", "diagnosis": "phi-whole",
          "age": 41,
        ]
      ).exec()
    },
    .init("findOneAndDelete", [.init(.delete, "Person")]) {
      let gone = try await $0.people.findOneAndDelete(["name": "pii-cy"]).lean().exec()
      try expect(gone?["diagnosis"] == "phi-cy")
    },
    .init("deleteOne", [.init(.delete, "Visit")]) {
      let result = try await $0.visits.deleteOne(["note": "phi-replaced"]).exec()
      try expect(result.deletedCount == 1)
    },
  ]

  private static let bulks: [VaultPath] = [
    .init("insertMany", [.init(.insert, "Visit")], marks: ["phi-one", "phi-two"]) {
      _ = try await $0.visits.insertMany([
        ["patient": .objectID(ada), "note": "phi-one"],
        ["patient": .objectID(bob), "note": "phi-two"],
      ])
    },
    .init(
      "bulkWrite", [.init(.bulk, "Person")],
      marks: ["pii-bulk", "phi-bulk", "pii-changed", "phi-changed"]
    ) {
      let result = try await $0.people.bulkWrite([
        .insertOne([
          "name": "pii-bulk", "email": "pii-bulk@example.org", "diagnosis": "phi-bulk",
        ]),
        .updateOne(
          ["_id": .objectID(ada)],
          .document(["$set": ["email": "pii-changed", "diagnosis": "phi-changed"]])),
        .deleteOne(["name": "pii-new"]),
      ])
      try expect(result.insertedCount == 1 && result.deletedCount == 1)
    },
    .init(
      "bulkSave", [.init(.read, "Person"), .init(.bulk, "Person")],
      marks: ["pii-mass", "phi-mass"]
    ) {
      let documents = try await $0.people.find().exec()
      for document in documents { try document.set("diagnosis", "phi-mass") }
      try documents.first?.set("name", "pii-mass")
      _ = try await $0.people.bulkSave(documents)
    },
  ]

  private static let transactions: [VaultPath] = [
    .init(
      "transaction", [.init(.insert, "Person"), .init(.update, "Person")],
      marks: ["pii-inside", "phi-inside"]
    ) { clinic in
      try await clinic.mongo.transaction { _ in
        _ = try await clinic.people.create([
          "name": "pii-inside", "email": "pii-in", "diagnosis": "phi-x", "age": 7,
        ])
        _ = try await clinic.people.updateOne(["age": 7], ["$set": ["diagnosis": "phi-inside"]])
          .exec()
      }
    },
    .init("transaction undone", [.init(.insert, "Person")]) { clinic in
      struct Undo: Error {}
      do {
        try await clinic.mongo.transaction { _ in
          _ = try await clinic.people.create([
            "name": "pii-undone", "email": "pii-undone", "diagnosis": "phi-undone",
          ])
          throw Undo()
        }
      } catch is Undo {}
      try expect(try await clinic.people.countDocuments(["name": "pii-undone"]).exec() == 0)
      try expect(try await clinic.people.countDocuments(["diagnosis": "phi-undone"]).exec() == 0)
    },
  ]
}

/// A path that answered something else than it should.
struct WrongAnswer: Error {
  let line: Int
}

func expect(_ condition: Bool, line: Int = #line) throws {
  if !condition { throw WrongAnswer(line: line) }
}
