import MongoStyle
import PatientImport
import PrivataCore

/// The program that a clinic might run. It knows neither whether it runs on a plain connection nor
/// on a vault: its models are the same type.
struct Clinic {
  let patients: MongoModel
  let conditions: MongoModel

  func fill(from files: PatientFiles) async throws {
    _ = try await patients.insertMany(files.patients.documents.map(Self.patient))
    _ = try await conditions.insertMany(
      files.conditions.documents.enumerated().map(Self.condition))
  }

  /// The export calls a patient's key `id`; the model calls it `_id`.
  private static func patient(_ document: Document) -> Document {
    var record = document
    let id = record.remove("id") ?? .null
    return Document([.init(key: "_id", value: id)] + record.elements)
  }

  /// A diagnosis has no key of its own in the export: its place in the file serves.
  private static func condition(_ place: Int, _ document: Document) -> Document {
    let id = ObjectID(high: 0x636F_6E64_0000_0000, low: UInt32(place))
    return Document([.init(key: "_id", value: .objectID(id))] + document.elements)
  }

  /// One chained query and what it is called.
  struct Question: Sendable {
    var name: String
    var ask: @Sendable (Clinic) async throws -> [Document]
  }

  static let questions: [Question] = [
    Question(name: "women of Massachusetts by name") { clinic in
      try await clinic.patients.find(["gender": "F", "state": "Massachusetts"])
        .sort("lastName firstName").limit(10).select("firstName lastName").lean().exec()
    },
    Question(name: "born before 1950") { clinic in
      try await clinic.patients.find().where("birthDate").lt("1950-01-01").sort("birthDate _id")
        .select("lastName birthDate").limit(20).lean().exec()
    },
    Question(name: "costly and married") { clinic in
      try await clinic.patients.find(["maritalStatus": "M", "expenses": ["$gt": 500_000]])
        .sort(["expenses": -1]).limit(5).select("lastName expenses").lean().exec()
    },
    Question(name: "names with an accent, or deceased") { clinic in
      try await clinic.patients.find()
        .or([["firstName": ["$regex": "[áéíóú]"]], ["deathDate": ["$exists": true]]])
        .sort("_id").limit(10).select("firstName deathDate").lean().exec()
    },
    Question(name: "latest diagnoses with their patients") { clinic in
      try await clinic.conditions.find(["stop": ["$exists": false]]).sort("-start _id").limit(10)
        .populate("patient", select: "firstName lastName").select("description start patient")
        .lean().exec()
    },
  ]
}
