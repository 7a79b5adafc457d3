import MongoStyle
import PrivataCore
import Testing

@Suite struct FindTests {
  let Patient: MongoModel

  init() async throws {
    Patient = try memory().model("Patient", patientSchema())
    _ = try await Patient.create([
      ["name": "Ada", "age": 36, "tags": ["a", "b"], "profile": ["city": "Oslo"]],
      ["name": "Grace", "age": 45, "tags": ["b"], "active": true],
      ["name": "Linus", "age": 29],
    ])
  }

  private func names(_ query: MongoQuery<[MongoDocument]>) async throws -> [String] {
    try await query.sort("name").exec().map { $0.text("name") }
  }

  @Test(
    arguments: [
      (["age": "36"], ["Ada"]),
      (["age": ["$gt": "30"]], ["Ada", "Grace"]),
      (["age": [29, "45"]], ["Grace", "Linus"]),
      (["tags": "b"], ["Ada", "Grace"]),
      (["active": "yes"], ["Grace"]),
      (["profile.city": "Oslo"], ["Ada"]),
      (["$or": [["name": "Ada"], ["age": ["$lt": "30"]]]], ["Ada", "Linus"]),
      ([:], ["Ada", "Grace", "Linus"]),
    ] as [(Document, [String])])
  func castsFilters(_ filter: Document, _ expected: [String]) async throws {
    #expect(try await names(Patient.find(filter)) == expected)
  }

  @Test func chainsConditions() async throws {
    let query = Patient.where("age").gte(30).lt(40)
    #expect(query.filter == ["age": ["$gte": 30, "$lt": 40]])
    #expect(try await names(query) == ["Ada"])
  }

  @Test func answersTypesOfTheChain() async throws {
    let plain: [Document] = try await Patient.find(["name": "Ada"]).lean().exec()
    #expect(plain.first?["age"] == 36)
    let count: Int = try await Patient.find().countDocuments(["age": ["$gte": 36]]).exec()
    #expect(count == 2)
    let tags: [Value] = try await Patient.distinct("tags").exec()
    #expect(Set(tags) == ["a", "b"])
    let ada: MongoDocument = try await Patient.findOne(["name": "Ada"]).orFail().exec()
    #expect(try await Patient.findById(ada._id).exec()?.text("name") == "Ada")
    #expect(try await Patient.exists(["name": "Nobody"]).exec() == nil)
  }

  @Test func refusesWhatCannotBeCast() async throws {
    let error = await thrown { _ = try await Patient.find(["age": "x"]).exec() }
    let cast = (error as? PrivataError)?.mongoStyle as? CastError
    #expect(cast?.path == "age")
    #expect(cast?.kind == "Number")
    #expect(cast?.value.revealed == "x")
    #expect("\(error ?? CancellationError())".contains("x\"") == false)
  }

  @Test func projects() async throws {
    let ada = try await Patient.findOne(["name": "Ada"]).select("name -_id").exec()
    #expect(try ada?.toObject() == ["name": "Ada"])
    #expect(ada?.isSelected("age") == false)
  }

  @Test func ownProfileRefusesUnknownPaths() async throws {
    let model = try memory(.standard).model("Patient", patientSchema())
    let error = await thrown { _ = try await model.find(["nickname": "x"]).exec() }
    #expect(error?.mongoName == "StrictModeError")
    let wide = await thrown { _ = try await model.deleteMany().exec() }
    #expect((wide as? PrivataError)?.code == .unboundedDelete)
    #expect(try await model.deleteMany(.all).exec().deletedCount == 0)
  }
}
