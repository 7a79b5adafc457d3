import MongoStyle
import PrivataCore

/// A request that cannot be carried out, and what it is to be told.
struct BadRequest: Sendable {
  let name: String
  let code: PrivataError.Code
  let fields: [String]
  let send: @Sendable (BadInputClinic) async throws -> Void

  init(
    _ name: String, _ code: PrivataError.Code, _ fields: [String],
    _ send: @escaping @Sendable (BadInputClinic) async throws -> Void
  ) {
    self.name = name
    self.code = code
    self.fields = fields
    self.send = send
  }

  static let all =
    unknownFields + wrongTypes + badIDs + duplicates + missing + unknownOperators + unbounded

  private static let named: Document = ["name": "Ada Canary"]

  private static let unknownFields: [BadRequest] = [
    .init("filter by an unknown field", .unknownField, ["nmae"]) {
      _ = try await $0.people.find(["nmae": "canary"]).exec()
    },
    .init("update of an unknown field", .unknownField, ["nmae"]) {
      _ = try await $0.people.updateOne(named, ["$set": ["nmae": "canary"]]).exec()
    },
    .init("creating with an unknown field", .unknownField, ["nmae"]) {
      _ = try await $0.people.create(["name": "Canary", "nmae": "canary"])
    },
    .init("inserting with an unknown field", .unknownField, ["nmae"]) {
      _ = try await $0.people.insertMany([["name": "Canary", "nmae": "canary"]])
    },
    .init("populating an unknown field", .unknownField, ["pateint"]) {
      _ = try await $0.visits.find().populate("pateint").exec()
    },
  ]

  private static let wrongTypes: [BadRequest] = [
    .init("filter by a value of another type", .wrongType, ["age"]) {
      _ = try await $0.people.find(["age": "canary"]).exec()
    },
    .init("filter of health data by another type", .wrongType, ["weight"]) {
      _ = try await $0.people.find(["weight": ["$gte": "canary"]]).exec()
    },
    .init("update to a value of another type", .wrongType, ["weight"]) {
      _ = try await $0.people.updateOne(named, ["$set": ["weight": "canary"]]).exec()
    },
    .init("creating with a value of another type", .validation, ["age"]) {
      _ = try await $0.people.create(["name": "Canary", "age": "canary"])
    },
    .init("creating with a value outside of its rule", .validation, ["ward", "weight"]) {
      _ = try await $0.people.create(["name": "Canary", "ward": "canary", "weight": -1])
    },
  ]

  private static let badIDs: [BadRequest] = [
    .init("no id", .badID, ["_id"]) { _ = try await $0.people.findById("canary").exec() },
    .init("deleting by no id", .badID, ["_id"]) {
      _ = try await $0.people.deleteOne(["_id": "canary"]).exec()
    },
    .init("filter by no reference", .badID, ["patient"]) {
      _ = try await $0.visits.find(["patient": "canary"]).exec()
    },
    .init("creating with no reference", .validation, ["patient"]) {
      _ = try await $0.visits.create(["patient": "canary", "note": "canary"])
    },
  ]

  private static let duplicates: [BadRequest] = [
    .init("a unique value twice", .duplicateKey, ["email"]) {
      _ = try await $0.people.create(
        ["name": "Canary", "email": "canary@example.org", "diagnosis": "canary"])
    },
    .init("an id twice", .duplicateKey, ["_id"]) {
      _ = try await $0.people.create(
        ["_id": .objectID(BadInputClinic.ada), "name": "Canary", "diagnosis": "canary"])
    },
    .init("an update to a taken value", .duplicateKey, ["email"]) {
      _ = try await $0.people.updateOne(
        ["name": "Bob Canary"], ["$set": ["email": "canary@example.org", "diagnosis": "canary"]]
      ).exec()
    },
    .init("a saved document with a taken value", .duplicateKey, ["email"]) {
      let bob = try await $0.people.findOne(["name": "Bob Canary"]).orFail().exec()
      try bob.set("email", "canary@example.org")
      try bob.set("diagnosis", "canary")
      _ = try await bob.save()
    },
  ]

  private static let missing: [BadRequest] = [
    .init("creating without a required field", .missingField, ["name"]) {
      _ = try await $0.people.create(["email": "new.canary@example.org"])
    },
    .init("an empty required field", .missingField, ["name"]) {
      _ = try await $0.people.create(["name": "", "diagnosis": "canary"])
    },
    .init("creating without a required reference", .missingField, ["patient"]) {
      _ = try await $0.visits.create(["note": "canary"])
    },
    .init("an update that takes a required field away", .missingField, ["name"]) {
      _ = try await $0.people.updateOne(named, ["$unset": ["name": 1]]).exec()
    },
  ]

  private static let unknownOperators: [BadRequest] = [
    .init("an unknown operator of a field", .unknownOperator, ["age"]) {
      _ = try await $0.people.find(["age": ["$above": 1]]).exec()
    },
    .init("an unknown operator of health data", .unknownOperator, ["weight"]) {
      _ = try await $0.people.find(["weight": ["$above": 1]]).exec()
    },
    .init("an unknown operator of a filter", .unknownOperator, []) {
      _ = try await $0.people.find(["$either": [["age": 1]]]).exec()
    },
    .init("an unknown operator of an update", .unknownOperator, []) {
      _ = try await $0.people.updateOne(named, ["$raise": ["age": 1]]).exec()
    },
  ]

  private static let unbounded: [BadRequest] = [
    .init("deleting by nothing", .unboundedDelete, []) {
      _ = try await $0.people.deleteMany([:]).exec()
    },
    .init("deleting by an empty branch", .unboundedDelete, []) {
      _ = try await $0.people.deleteMany(["$and": [[:]]]).exec()
    },
    .init("deleting by one empty branch of two", .unboundedDelete, []) {
      _ = try await $0.people.deleteMany(["$or": [["age": 1], [:]]]).exec()
    },
    .init("deleting by a field that is dropped", .unboundedDelete, []) {
      _ = try await $0.people.deleteMany(["nmae": "canary"]).strictQuery(.drop).exec()
    },
    .init("changing by nothing", .unboundedDelete, []) {
      _ = try await $0.people.updateMany([:], ["$set": ["age": 0]]).exec()
    },
    .init("deleting by nothing, in a bulk", .unboundedDelete, []) {
      _ = try await $0.people.bulkWrite([.deleteMany([:])])
    },
    .init("changing by nothing, in a bulk", .unboundedDelete, []) {
      _ = try await $0.people.bulkWrite([.updateMany([:], .document(["$set": ["age": 0]]))])
    },
  ]
}
