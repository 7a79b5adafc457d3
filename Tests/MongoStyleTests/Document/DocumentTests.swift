import MongoStyle
import PrivataCore
import Testing

@Suite struct DocumentTests {
  private func person() -> Schema {
    var schema: Schema = [
      "first": .string, "last": .string(.alias("surname")),
      "cents": .number(
        .get { value in
          value.asDouble.map { .double($0 / 100) } ?? value
        }), "meta": .mixed, "labels": .map(of: .number), "inner": .document(["n": .number]),
    ]
    schema.virtual(
      "full", get: { .string($0.text("first") + " " + $0.text("last")) },
      set: { value, document in
        let parts = (value.asString ?? "").split(separator: " ").map(String.init)
        try document.set("first", .string(parts[0]))
        try document.set("last", .string(parts[1]))
      })
    schema.method("greet") { document, arguments in
      .value(.string("\(arguments[0].asString ?? ""), \(document.text("first"))"))
    }
    return schema
  }

  @Test func virtualsAliasesGetters() async throws {
    let Person = try memory().model("Person", person())
    let ada = try Person(["first": "Ada", "surname": "Lovelace", "cents": 150])
    #expect(ada["full"] == "Ada Lovelace")
    #expect(ada["last"] == "Lovelace")
    #expect(ada["cents"] == 1.5)
    ada["full"] = "Grace Hopper"
    #expect(ada["first"] == "Grace")
    #expect(try ada.toObject()["full"] == nil)
    #expect(try ada.toObject(ObjectForm(virtuals: .all))["full"] == "Grace Hopper")
    #expect(Person.collection == "people")
    if case .value(let text) = try await ada.call("greet", "Hi") { #expect(text == "Hi, Grace") }
  }

  @Test func mapsAreTrackedByKey() async throws {
    let Person = try memory().model("Person", person())
    let ada = try await Person.create(["labels": ["a": "1"]])
    try ada.map("labels").set("b", "2")
    try ada.map("labels").delete("a")
    #expect(
      try ada.pendingUpdate() == ["$set": ["labels.b": 2], "$unset": ["labels.a": 1]])
    try await ada.save()
    #expect(try await Person.findById(ada._id).lean().exec()?["labels"] == ["b": 2])
  }

  @Test func projectionsLeavePathsAlone() async throws {
    let Person = try memory().model("Person", person())
    let id = try await Person.create(["first": "Ada", "last": "L", "inner": ["n": 1]])._id
    let part = try await Person.findById(id, "first").orFail().exec()
    part["first"] = "Augusta"
    #expect(try part.pendingUpdate() == ["$set": ["first": "Augusta"]])
    try await part.save()
    part["first"] = "Ada"
    part["first"] = "Augusta"
    #expect(part.isModified == false)
  }

  @Test func printsNoValues() throws {
    let Person = try memory().model("Person", person())
    let ada = try Person(["first": "Ada"])
    #expect("\(ada)".contains("Ada") == false)
    var text = ""
    dump(ada, to: &text)
    #expect(text.contains("Ada") == false)
  }

  @Test func versionsGuardArrays() async throws {
    let Person = try memory().model("Person", ["tags": [.string], "n": .number])
    let made = try await Person.create(["tags": ["a", "b"]])
    let one = try await Person.findById(made._id).orFail().exec()
    let two = try await Person.findById(made._id).orFail().exec()
    try one.set("tags", ["x"])
    try await one.save()
    two.array("tags")[1] = "y"
    let error = await thrown { try await two.save() }
    #expect(error?.mongoName == "VersionError")
  }
}
