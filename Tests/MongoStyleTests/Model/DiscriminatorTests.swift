import MongoStyle
import PrivataCore
import Testing

@Suite struct DiscriminatorTests {
  let Event: MongoModel
  let Click: MongoModel

  init() async throws {
    var schema = Schema(
      ["at": .date, "note": .string], options: SchemaOptions { $0.discriminatorKey = "kind" })
    schema.discriminator("Click", ["x": .number(.required)])
    schema.discriminator("Payment", value: "payment", ["amount": .number])
    let mongo = memory()
    Event = try mongo.model("Event", schema)
    Click = try mongo.model("Click")
  }

  @Test func subModelsSeeTheirOwn() async throws {
    try await Click.create(["x": "4", "note": "c"])
    let payment = try await Event.create(["kind": "payment", "amount": "5"])
    #expect(payment.model?.name == "Payment")
    #expect(try await Event.countDocuments().exec() == 2)
    #expect(try await Click.find().exec().map { $0["x"] } == [4])
    let all = try await Event.find().sort("_id").exec()
    #expect(all.map { $0.model?.name } == ["Click", "Payment"])
    let wrong = await thrown { try await Event.create(["kind": "nothing"]) }
    #expect((wrong as? PrivataError)?.code == .unknownModel)
  }

  @Test func theKeyCannotChange() async throws {
    let click = try await Click.create(["x": 1])
    try await Event.updateOne(["_id": click._id], ["kind": "payment", "note": "n"]).exec()
    let stored = try await Event.findById(click._id).lean().orFail().exec()
    #expect(stored["kind"] == "Click")
    #expect(stored["note"] == "n")
  }

  @Test func embeddedSubSchemas() async throws {
    var item: Schema = ["name": .string]
    item.options.discriminatorKey = "type"
    item.discriminator("Box", ["size": .number])
    let Order = try memory().model("Order", ["items": [.document(item)]])
    let order = try await Order.create(["items": [["type": "Box", "size": "3"], ["name": "a"]]])
    #expect(order.array("items").documents.map { $0.value("size") } == [3, .undefined])
    #expect(
      try await Order.countDocuments(["items": ["$elemMatch": ["type": "Box", "size": "3"]]]).exec()
        == 1)
  }
}
