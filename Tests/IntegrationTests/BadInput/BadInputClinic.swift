import Foundation
import MongoStyle
import PrivataCompliance
import PrivataCore
import TestPlaces
import Testing

/// Two models with one person and one visit, on a plain store or in a vault, and all that is stored.
struct BadInputClinic: Sendable {
  let people: MongoModel
  let visits: MongoModel
  let places: [Place]

  static let ada = ObjectID(high: 0x60A0_0000_0000_0001, low: 1)
  static let bob = ObjectID(high: 0x60A0_0000_0000_0001, low: 2)

  static let personSchema = Schema(
    [
      "name": .string(.required, .pii), "email": .string(.unique, .pii), "age": .number,
      "ward": .string(.enum(["north", "south"])), "diagnosis": .string(.phi),
      "weight": .number(.phi, .min(0)),
    ], options: SchemaOptions { $0.strict = .throw })
  static let visitSchema = Schema([
    "patient": .objectID(.ref("Person"), .required), "note": .string(.phi), "minutes": .number,
  ])

  init(_ connection: MongoConnection, _ places: [Place]) throws {
    people = try connection.model("Person", Self.personSchema)
    visits = try connection.model("Visit", Self.visitSchema)
    self.places = places
  }

  /// Runs with a filled clinic.
  static func with<R>(
    _ setting: Setting, _ body: (BadInputClinic) async throws -> R
  ) async throws -> R {
    try await setting.withStore { store, vault, places in
      let connection = vault?.mongo ?? MongoConnection(store: store)
      let clinic = try BadInputClinic(connection, places)
      try await clinic.fill()
      return try await body(clinic)
    }
  }

  func fill() async throws {
    try await people.insertMany([
      [
        "_id": .objectID(Self.ada), "name": "Ada Canary", "email": "canary@example.org", "age": 36,
        "ward": "north", "diagnosis": "canary-disease", "weight": 61.5,
      ],
      ["_id": .objectID(Self.bob), "name": "Bob Canary", "email": "bob.canary@example.org"],
    ])
    _ = try await visits.create(["patient": .objectID(Self.ada), "note": "canary-note"])
  }

  /// Every document, as the models answer it.
  func documents() async throws -> [String] {
    let documents =
      try await people.find().sort("_id").lean().exec()
      + visits.find().sort("_id").lean().exec()
    return documents.map { $0.sortedByKey.extendedJSON(.canonical) }
  }

  /// Every document, and how many rows the raw stores hold.
  func contents() async throws -> [String] {
    var lines = try await documents()
    for place in places {
      for table in ["people", "visits"] {
        lines.append("\(place.engine) \(table) \(try RawContents.count(table, in: place))")
      }
    }
    return lines
  }
}

/// That an error says what is wrong, by code and field, and nothing of what records hold.
func expectTold(
  _ thrown: (any Error)?, _ code: PrivataError.Code, _ fields: [String], _ what: String
) {
  guard let error = thrown as? PrivataError else {
    Issue.record("\(what): \(thrown == nil ? "no error" : "another kind of error")")
    return
  }
  #expect(error.code == code, "\(what)")
  #expect(error.fields == fields, "\(what)")
  var dumped = ""
  dump(error, to: &dumped)
  let texts = [error.message, "\(error)", String(reflecting: error), dumped]
  for text in texts { #expect(!text.lowercased().contains("canary"), "\(what): \(text)") }
}
