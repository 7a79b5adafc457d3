import MongoStyle
import PrivataCore
import PrivataTesting
import Testing

/// Documents that read from the cells of SQLite's rows, against those that a store answers as BSON.
@Suite struct RowDocumentTests {
  private struct Side {
    let Patient: MongoModel
    let Visit: MongoModel
    let Clinic: MongoModel

    init(_ mongo: MongoConnection) throws {
      var schema = patientSchema()
      schema.virtual(
        "visitList",
        VirtualPopulation(ref: "Visit", localField: "_id", foreignField: "patient"))
      schema.virtual(
        "lastVisit",
        VirtualPopulation(
          ref: "Visit", localField: "_id", foreignField: "patient", justOne: true))
      Patient = try mongo.model("Patient", schema)
      Clinic = try mongo.model("Clinic", ["name": .string])
      Visit = try mongo.model(
        "Visit", ["patient": .ref("Patient"), "minutes": .bigInt, "note": .string, "extra": .mixed])
    }

    func fill() async throws {
      _ = try await Clinic.create(["_id": .objectID(id(90)), "name": "North"])
      for (n, more) in RowDocumentTests.patients.enumerated() {
        var values: Document = ["_id": .objectID(id(n)), "name": .string("patient \(n)")]
        for element in more.elements { values[element.key] = element.value }
        _ = try await Patient.create(values)
      }
      for n in 0..<12 {
        var values: Document = [
          "_id": .objectID(id(100 + n)), "patient": .objectID(id(n % 4)), "minutes": .int(n),
          "note": "a note that is longer than fifteen bytes",
        ]
        if n % 5 == 4 { values["extra"] = ["deep": [1, 2]] }
        if n == 7 { values["patient"] = nil }
        _ = try await Visit.create(values)
      }
    }
  }

  private static func id(_ n: Int) -> ObjectID { ObjectID(high: 77, low: UInt32(n)) }

  private static let patients: [Document] = [
    ["age": 36, "email": "ada@example.org", "active": true, "clinic": .objectID(id(90))],
    ["tags": ["a", "b"], "profile": ["city": "Oslo"], "labels": ["k": "v"], "meta": ["x": 1]],
    ["age": .null, "seenAt": .date(DateTime(milliseconds: 5)), "visits": 1.5],
    [
      "allergies": [["_id": .objectID(id(50)), "name": "pollen", "severity": 2]],
      "clinic": .objectID(id(91)),
    ],
    [:],
  ]

  private func both() async throws -> (rows: Side, bson: Side) {
    let rows = try Side(try await sqlite())
    let bson = try Side(MongoConnection(store: MemoryStore(), profile: .mongoose))
    try await rows.fill()
    try await bson.fill()
    return (rows, bson)
  }

  @Test(arguments: ["", "name age", "-name -tags", "profile", "allergies.name", "-_id email"])
  func areTheSamePlainAndHydrated(_ select: String) async throws {
    let (rows, bson) = try await both()
    let found = try await rows.Patient.find().select(.string(select)).sort("_id").lean().exec()
    let expected = try await bson.Patient.find().select(.string(select)).sort("_id").lean().exec()
    #expect(found.count == Self.patients.count)
    for (one, other) in zip(found, expected) {
      for key in Set(one.keys + other.keys) { #expect(one[key] == other[key]) }
    }
    let live = try await rows.Patient.find().select(.string(select)).sort("_id").exec()
    let others = try await bson.Patient.find().select(.string(select)).sort("_id").exec()
    let paths = [
      "_id", "name", "email", "age", "visits", "status", "seenAt", "active", "clinic", "tags",
      "profile", "profile.city", "meta", "labels", "createdBy", "absent", "__v",
    ]
    for (one, other) in zip(live, others) {
      // Some read before the document is loaded, the rest after it.
      for path in paths { #expect(one[path] == other[path], "\(path)") }
      #expect(one.id == other.id)
      let (object, expected) = (try one.toObject(), try other.toObject())
      for key in object.keys { #expect(object[key] == expected[key]) }
      for path in paths { #expect(one[path] == other[path], "\(path)") }
      #expect(one.modifiedPaths().isEmpty)
    }
  }

  @Test func sendWhatChangedAndNoMore() async throws {
    let (rows, _) = try await both()
    let all = try await rows.Patient.find().sort("_id").exec()
    let ada = all[0]
    #expect(ada["age"] == 36)
    ada["age"] = 37
    #expect(ada["age"] == 37 && ada["name"] == "patient 0")
    #expect(try ada.pendingUpdate() == ["$set": ["age": 37]])
    try all[1].array("tags").push("c")
    #expect(
      try all[1].pendingUpdate() == ["$push": ["tags": ["$each": ["c"]]], "$inc": ["__v": 1]])
    all[2]["age"] = 5
    all[2]["email"] = "new@example.org"
    all[2]["visits"] = nil
    for document in all { try await document.save() }
    let stored = try await rows.Patient.find().sort("_id").lean().exec()
    #expect(stored[0]["age"] == 37 && stored[0]["email"] == "ada@example.org")
    #expect(stored[1]["tags"] == ["a", "b", "c"] && stored[1]["profile"] == ["city": "Oslo"])
    #expect(stored[2]["age"] == 5 && stored[2]["email"] == "new@example.org")
    #expect(stored[2].contains("visits") == false)
    // Its neighbours of the same answer are as they were.
    #expect(stored[3]["allergies"] != nil && stored[4]["name"] == "patient 4")
    #expect(try await rows.Patient.countDocuments(["age": 37]).exec() == 1)
  }

  @Test(arguments: ["visitList", "lastVisit", "clinic", "visitList clinic"])
  func populatesAsOthersDo(_ paths: String) async throws {
    let (rows, bson) = try await both()
    let found = try await rows.Patient.find().sort("_id").populate(.string(paths)).lean().exec()
    let expected = try await bson.Patient.find().sort("_id").populate(.string(paths)).lean().exec()
    #expect(found.count == expected.count)
    for (one, other) in zip(found, expected) {
      for path in paths.split(separator: " ").map(String.init) {
        #expect(plain(one[path]) == plain(other[path]))
        // As BSON, too, and at the place where it stands.
        #expect(plain(try Document(bson: one.encoded())[path]) == plain(other[path]))
      }
      for key in ["_id", "name", "tags", "profile"] { #expect(one[key] == other[key]) }
      #expect(Set(one.keys) == Set(other.keys))
    }
    let visits = try await rows.Visit.find().sort("_id").populate("patient").lean().exec()
    #expect(visits[0]["patient"]?.asDocument?["name"] == "patient 0")
    #expect(visits[7]["patient"] == nil)
    let live = try await rows.Patient.find().sort("_id").populate(.string(paths)).exec()
    #expect(live.count == found.count)
    if paths.hasPrefix("visitList") {
      #expect(live[0].documents("visitList").map { $0["minutes"]?.asInt } == [0, 4, 8])
    }
  }

  /// Documents whatever the order of their keys, which stores with columns do not keep.
  private func plain(_ value: Value?) -> Value? {
    switch value {
    case .document(let document)?:
      .document(
        Document(
          document.elements.sorted { $0.key < $1.key }.map {
            Document.Element(key: $0.key, value: plain($0.value) ?? .null)
          }))
    case .array(let items)?: .array(items.map { plain($0) ?? .null })
    default: value
    }
  }
}
