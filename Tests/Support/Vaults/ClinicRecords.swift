public import PrivataCore

/// Random records of a clinic: fields that are there, null, missing and repeated.
public struct ClinicRecords: Sendable {
  public var source: SeededSource
  public private(set) var patientIDs: [ObjectID] = []
  public private(set) var clinicIDs: [ObjectID] = []

  public init(seed: Int) { source = SeededSource(seed) }

  public static let roles = ["patient", "clinician", "admin"]
  public static let wards = ["north", "south", "east"]
  public static let diagnoses = ["J45", "E11", "I10", "M54", "F32"]
  public static let words = ["pollen", "nuts", "latex", "milk"]
  public static let names = ["Ada", "Bo", "Cy", "Dee", "Eve", "Finn", "ada"]

  public mutating func patients(_ count: Int) -> [Document] { (0..<count).map { patient($0) } }

  private mutating func patient(_ number: Int) -> Document {
    let id = ObjectID(high: 0x60A0_0000_0000_0000 | UInt64(number / 7), low: UInt32(number))
    patientIDs.append(id)
    var document: Document = ["_id": .objectID(id)]
    document["name"] = maybe(.string(source.pick(Self.names)))
    document["email"] = .string("p\(number)@example.org")
    document["address"] = maybe(["city": .string(source.pick(Self.wards)), "no": .int(number % 5)])
    document["role"] = maybe(.string(source.pick(Self.roles)))
    document["age"] = maybe(.int(source.int(0...12)))
    document["createdAt"] = maybe(.date(DateTime(milliseconds: Int64(source.int(0...9)) * 1000)))
    document["tags"] = maybe(words())
    document["ward"] = maybe(.string(source.pick(Self.wards)))
    document["level"] = maybe(.int32(Int32(source.int(0...3))))
    document["diagnosis"] = maybe(.string(source.pick(Self.diagnoses)))
    document["weight"] = maybe(.double(Double(source.int(40...50)) / 2))
    document["allergies"] = maybe(words())
    document["notes"] = maybe(notes())
    return document
  }

  private mutating func words() -> Value {
    .array((0..<source.int(0...3)).map { _ in .string(source.pick(Self.words)) })
  }

  private mutating func notes() -> Value {
    .array(
      (0..<source.int(0...2)).map { _ in
        ["text": .string(source.pick(Self.words)), "score": .int(source.int(0...4))]
      })
  }

  /// The value mostly, else null or nothing.
  private mutating func maybe(_ value: Value) -> Value? {
    switch source.int(1...10) {
    case 1: nil
    case 2: .null
    default: value
    }
  }

  public mutating func clinics(_ count: Int) -> [Document] {
    (0..<count).map { number in
      let id = ObjectID(high: 0x70A0_0000_0000_0000, low: UInt32(number))
      clinicIDs.append(id)
      return ["_id": .objectID(id), "city": .string(source.pick(Self.wards)), "beds": .int(number)]
    }
  }

  public mutating func sessions(_ count: Int) -> [Document] {
    (0..<count).map { number in
      var document: Document = [
        "_id": .objectID(ObjectID(high: 0x80A0_0000_0000_0000, low: UInt32(number)))
      ]
      document["patient"] = maybe(.objectID(source.pick(patientIDs)))
      document["team"] = maybe(
        .array((0..<source.int(0...3)).map { _ in .objectID(source.pick(patientIDs)) }))
      document["clinic"] = maybe(.objectID(source.pick(clinicIDs)))
      document["at"] = maybe(.date(DateTime(milliseconds: Int64(source.int(0...9)) * 1000)))
      document["minutes"] = maybe(.int32(Int32(source.int(1...6) * 10)))
      document["summary"] = maybe(.string(source.pick(Self.words)))
      return document
    }
  }

  public mutating func staff(_ count: Int) -> [Document] {
    (1...count).map { number in
      var document: Document = [
        "id": .int64(Int64(number)), "name": .string(source.pick(Self.names)),
      ]
      document["grade"] = maybe(.int32(Int32(source.int(1...4)))) ?? .null
      document["since"] =
        maybe(.date(DateTime(milliseconds: Int64(source.int(0...9)) * 1000))) ?? .null
      document["vaccinated"] = maybe(.bool(source.chance(50))) ?? .null
      document["blood"] = maybe(.string(source.pick(["A", "B", "0"]))) ?? .null
      document["dose"] = maybe(.double(Double(source.int(0...4)) / 2)) ?? .null
      return document
    }
  }
}
