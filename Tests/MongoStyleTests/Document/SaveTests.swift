import MongoStyle
import PrivataCore
import Testing

@Suite struct SaveTests {
  let Patient: MongoModel

  init() throws { Patient = try memory().model("Patient", patientSchema()) }

  @Test func insertsWithDefaults() async throws {
    let ada = try await Patient.create(["name": "Ada", "email": " ADA@X.org ", "age": "36"])
    #expect(ada.isNew == false)
    let stored = try await Patient.findById(ada._id).lean().exec()
    #expect(stored?["email"] == "ada@x.org")
    #expect(stored?["age"] == 36)
    #expect(stored?["status"] == "new")
    #expect(stored?["tags"] == [])
    #expect(stored?["__v"] == 0)
    #expect(stored?["createdBy"] == "system")
  }

  @Test func sendsOnlyWhatChanged() async throws {
    let ada = try await Patient.create(["name": "Ada", "tags": ["a"]])
    ada["age"] = 37
    try ada.array("tags").push("b")
    try ada.set("profile.city", "Oslo")
    #expect(
      try ada.pendingUpdate() == [
        "$set": ["age": 37, "profile.city": "Oslo"], "$push": ["tags": ["$each": ["b"]]],
        "$inc": ["__v": 1],
      ])
    try await ada.save()
    #expect(ada.modifiedPaths().isEmpty)
    let stored = try await Patient.findById(ada._id).lean().exec()
    #expect(stored?["tags"] == ["a", "b"])
    #expect(stored?["profile"] == ["city": "Oslo"])
    #expect(stored?["__v"] == 1)
  }

  @Test func collectsWhatIsWrong() async throws {
    let error = await thrown {
      _ = try await Patient.create([
        "age": 200, "status": "odd", "visits": "x", "allergies": [["severity": 9]],
      ])
    }
    let invalid = (error as? PrivataError)?.mongoStyle as? ValidationError
    #expect(
      Set(invalid?.errors.map(\.path) ?? []) == [
        "name", "age", "status", "visits", "allergies.0.name", "allergies.0.severity",
      ])
    #expect(invalid?["visits"] is CastError)
    #expect((invalid?["age"] as? ValidatorError)?.kind == "max")
  }

  @Test func subdocumentsAreTracked() async throws {
    let ada = try await Patient.create([
      "name": "Ada", "allergies": [["name": "pollen", "severity": 2]],
    ])
    let loaded = try await Patient.findById(ada._id).orFail().exec()
    loaded.array("allergies").documents[0]["severity"] = 3
    #expect(loaded.modifiedPaths() == ["allergies", "allergies.0", "allergies.0.severity"])
    try await loaded.save()
    let stored = try await Patient.findById(ada._id).lean().exec()
    #expect(stored?.value_("allergies.0.severity") == 3)
  }

  @Test func deletedDocumentsAreMissed() async throws {
    let ada = try await Patient.create(["name": "Ada"])
    try await Patient.deleteOne(["_id": ada._id]).exec()
    ada["age"] = 1
    let error = await thrown { try await ada.save() }
    #expect(error?.mongoName == "DocumentNotFoundError")
  }

  @Test func immutablePathsStay() async throws {
    let ada = try await Patient.create(["name": "Ada"])
    ada["createdBy"] = "me"
    #expect(ada["createdBy"] == "system")
    #expect(ada.isModified == false)
  }
}

extension Document {
  func value_(_ path: String) -> Value? {
    var current: Value? = .document(self)
    for step in path.split(separator: ".") {
      switch current {
      case .document(let document)?: current = document[String(step)]
      case .array(let items)?: current = Int(step).map { items[$0] }
      default: return nil
      }
    }
    return current
  }
}
