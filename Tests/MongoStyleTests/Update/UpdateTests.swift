import MongoStyle
import PrivataCore
import Testing

@Suite struct UpdateTests {
  let Patient: MongoModel
  let id: Value

  init() async throws {
    Patient = try memory().model("Patient", patientSchema())
    id = try await Patient.create(["name": "Ada", "age": 36, "tags": ["a"], "visits": 3])._id
  }

  private func stored() async throws -> Document {
    try await Patient.findById(id).lean().orFail().exec()
  }

  @Test(
    arguments: [
      (["age": "37"], "age", 37),
      (["$inc": ["visits": "2"]], "visits", 5),
      (["$push": ["tags": ["b", "c"]]], "tags", ["a", "b", "c"]),
      (["$set": ["email": " X@Y "]], "email", "x@y"),
      (["createdBy": "me"], "createdBy", "system"),
      (["nickname": "x", "age": 40], "age", 40),
    ] as [(Document, String, Value)])
  func castsUpdates(_ update: Document, _ path: String, _ expected: Value) async throws {
    let result = try await Patient.updateOne(["_id": id], update).exec()
    #expect(result.acknowledged == (update != ["createdBy": "me"]))
    #expect(try await stored()[path] == expected)
    #expect(try await stored()["nickname"] == nil)
  }

  @Test func answersBeforeOrAfter() async throws {
    let before = try await Patient.findOneAndUpdate(["_id": id], ["age": 1]).exec()
    #expect(before?["age"] == 36)
    let after = try await Patient.findByIdAndUpdate(
      id, ["age": 2], options: ["returnDocument": "after"]
    ).exec()
    #expect(after?["age"] == 2)
  }

  @Test func upsertsFillDefaults() async throws {
    let result = try await Patient.updateOne(
      ["name": "New"], ["age": 5], options: ["upsert": true]
    ).exec()
    #expect(result.upsertedCount == 1)
    let made = try await Patient.findOne(["name": "New"]).lean().exec()
    #expect(made?["status"] == "new")
    #expect(made?["__v"] == 0)
  }

  @Test func rulesOfUpdates() async throws {
    let error = await thrown {
      _ = try await Patient.updateOne(
        ["_id": id], ["$set": ["age": 200], "$push": ["allergies": ["severity": 9]]],
        options: ["runValidators": true]
      ).exec()
    }
    let invalid = (error as? PrivataError)?.mongoStyle as? ValidationError
    #expect(
      Set(invalid?.errors.map(\.path) ?? []) == [
        "age", "allergies.name", "allergies.severity",
      ])
  }
}
