import PrivataCore

/// One file of the BSON corpus: cases that must work, and bytes and texts that must be refused.
struct CorpusFile: Sendable {
  struct Case: Sendable {
    var description: String
    var canonicalBSON: [UInt8]
    var canonicalJSON: String
    var relaxedJSON: String?
    var degenerateBSON: [UInt8]?
    var degenerateJSON: String?
    /// True where the JSON form loses something, so that it does not lead back to the bytes.
    var isLossy: Bool
  }

  /// Something to refuse, as its hexadecimal digits or its text.
  struct Refusal: Sendable {
    var description: String
    var input: String
  }

  var name: String
  /// The type's byte as the corpus writes it; it says how `parseErrors` are to be read.
  var type: String
  var valid: [Case]
  var decodeErrors: [Refusal]
  var parseErrors: [Refusal]

  init(name: String, _ bytes: [UInt8]) throws {
    let json = try JSON(parsing: bytes)
    self.name = name
    type = json["bson_type"]?.string ?? ""
    valid = try Self.list(json["valid"]).map { try Case($0) }
    decodeErrors = try Self.list(json["decodeErrors"]).map { try Refusal($0, input: "bson") }
    parseErrors = try Self.list(json["parseErrors"]).map { try Refusal($0, input: "string") }
  }

  private static func list(_ json: JSON?) -> [JSON] { json?.elements ?? [] }
}

/// A corpus file that is not one.
struct CorpusProblem: Error, CustomStringConvertible {
  var description: String
}

extension CorpusFile.Case {
  init(_ json: JSON) throws {
    description = try json.text("description")
    canonicalBSON = try hexadecimal(try json.text("canonical_bson"))
    canonicalJSON = try json.text("canonical_extjson")
    relaxedJSON = json["relaxed_extjson"]?.string
    degenerateBSON = try json["degenerate_bson"]?.string.map { try hexadecimal($0) }
    degenerateJSON = json["degenerate_extjson"]?.string
    isLossy = if case .bool(true)? = json["lossy"]?.kind { true } else { false }
  }
}

extension CorpusFile.Refusal {
  init(_ json: JSON, input key: String) throws {
    description = try json.text("description")
    input = try json.text(key)
  }
}

extension JSON {
  fileprivate func text(_ key: String) throws -> String {
    guard let text = self[key]?.string else { throw CorpusProblem(description: "no \(key)") }
    return text
  }
}

/// The bytes that pairs of hexadecimal digits write.
func hexadecimal(_ text: String) throws -> [UInt8] {
  let digits = text.compactMap(\.hexDigitValue)
  guard digits.count == text.utf8.count, digits.count.isMultiple(of: 2) else {
    throw CorpusProblem(description: "odd or no hexadecimal digits")
  }
  return stride(from: 0, to: digits.count, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
}
