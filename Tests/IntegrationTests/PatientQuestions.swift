import MongoStyle
import PrivataCore

extension PatientQuestion {
  /// Twenty queries: one half alone, the other alone, both, references, counts, pages.
  static let all: [PatientQuestion] = [
    .init(find: "all by id") { $0.patients.find().sort("_id").limit(25).lean() },
    .init(find: "women by name") {
      $0.patients.find(["gender": "F"]).sort("lastName firstName _id").limit(10).lean()
    },
    .init(find: "born before 1950") {
      $0.patients.find().where("birthDate").lt("1950-01-01").sort("birthDate _id").limit(20).lean()
    },
    .init(find: "health figures of the married") {
      $0.patients.find(["maritalStatus": "M", "expenses": ["$gt": 500_000]])
        .sort("-expenses _id").limit(15).lean()
    },
    .init(find: "ordered by a health figure alone") {
      $0.patients.find().sort("-coverage _id").skip(5).limit(10).select("coverage").lean()
    },
    .init(find: "name or death") {
      $0.patients.find()
        .or([["firstName": ["$regex": "^[A-C]"]], ["deathDate": ["$exists": true]]])
        .sort("_id").limit(30).select("firstName deathDate").lean()
    },
    .init(find: "neither of two") {
      $0.patients.find().nor([["gender": "M"], ["expenses": ["$lt": 1_000_000]]]).sort("_id").lean()
    },
    .init(find: "without a maiden name") {
      $0.patients.find(["maidenName": ["$exists": false], "gender": "F"]).sort("_id").limit(10)
        .lean()
    },
    .init(find: "in a list of places") {
      $0.patients.find().where("city").in(["Boston", "Chicopee", "Port Ellery"]).sort("_id").lean()
    },
    .init(find: "fields left out") {
      $0.patients.find().sort("_id").limit(5).select("-ssn -expenses -birthDate").lean()
    },
    .init(find: "a page of names") {
      $0.patients.find().sort("lastName _id").skip(10).limit(5).select("lastName -_id").lean()
    },
    .init(find: "diagnoses by code") {
      $0.conditions.find(["code": "195967001"]).sort("start _id").limit(20).lean()
    },
    .init(find: "open diagnoses, newest first") {
      $0.conditions.find(["stop": ["$exists": false]]).sort("-start _id").limit(20).lean()
    },
    .init(find: "diagnoses with their people") {
      $0.conditions.find().sort("-start _id").limit(20).populate("patient", select: "lastName city")
        .lean()
    },
    .init("people counted by both halves") { clinic in
      .int(
        try await clinic.patients.countDocuments(["gender": "F", "expenses": ["$gt": 100_000]])
          .exec())
    },
    .init("people counted") { clinic in
      .int(try await clinic.patients.countDocuments().exec())
    },
    .init("states") { clinic in
      .array(
        try await clinic.patients.distinct("state").exec().sorted { Value.order($0, $1) < 0 })
    },
    .init("codes of diagnoses") { clinic in
      .array(
        try await clinic.conditions.distinct("code").exec().sorted { Value.order($0, $1) < 0 })
    },
    .init("diagnoses of one person") { clinic in
      let id = try await clinic.patients.findOne().sort("_id").lean().exec()?["_id"] ?? .null
      let found = try await clinic.conditions.find(["patient": id]).sort("_id").lean().exec()
      return .array(found.map { .document($0.sortedByKey) })
    },
    .init("one person by id") { clinic in
      let id = try await clinic.patients.findOne().sort("-_id").lean().exec()?["_id"] ?? .null
      let found = try await clinic.patients.findById(id).lean().exec()
      return found.map { .document($0.sortedByKey) } ?? .null
    },
  ]
}
