/// Parses JSON by RFC 8259, strictly: no comments, no trailing commas, nothing behind the value.
package struct JSONParser {
  private let bytes: [UInt8]
  private var position = 0
  private let depthLimit: Int

  /// The tree of a text.
  ///
  /// - Throws: `malformed` with the byte at which the text stops being JSON, and where objects and
  ///   arrays nest deeper than the limit.
  package static func parse(
    _ text: some StringProtocol, depthLimit: Int
  ) throws(PrivataError) -> JSON {
    try parse(Array(text.utf8), depthLimit: depthLimit)
  }

  /// As ``parse(_:depthLimit:)``, of bytes whose UTF-8 is checked too.
  package static func parse(_ bytes: [UInt8], depthLimit: Int) throws(PrivataError) -> JSON {
    var parser = JSONParser(bytes: bytes, depthLimit: depthLimit)
    let value = try parser.value(depth: 0)
    parser.skipSpace()
    guard parser.position == bytes.count else { throw parser.error("text behind the value") }
    return value
  }

  private init(bytes: [UInt8], depthLimit: Int) {
    self.bytes = bytes
    self.depthLimit = depthLimit
  }

  private func error(_ what: String, at offset: Int? = nil) -> PrivataError {
    PrivataError(.malformed, "the JSON is malformed at byte \(offset ?? position): \(what)")
  }

  // MARK: Bytes

  private var next: UInt8? { position < bytes.count ? bytes[position] : nil }

  private mutating func skipSpace() {
    while let byte = next, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 {
      position += 1
    }
  }

  private mutating func skip(_ mark: Unicode.Scalar) -> Bool {
    guard next == UInt8(ascii: mark) else { return false }
    position += 1
    return true
  }

  private mutating func expect(_ mark: Unicode.Scalar) throws(PrivataError) {
    guard skip(mark) else { throw error("'\(mark)' is missing") }
  }

  // MARK: Values

  private mutating func value(depth: Int) throws(PrivataError) -> JSON {
    skipSpace()
    let start = position
    let kind: JSON.Kind
    switch next {
    case UInt8(ascii: "{"): kind = .object(try members(depth: depth + 1))
    case UInt8(ascii: "["): kind = .array(try elements(depth: depth + 1))
    case UInt8(ascii: "\""): kind = .string(try string())
    case UInt8(ascii: "t"): kind = try word("true", .bool(true))
    case UInt8(ascii: "f"): kind = try word("false", .bool(false))
    case UInt8(ascii: "n"): kind = try word("null", .null)
    default: kind = try number()
    }
    return JSON(kind: kind, offset: start)
  }

  private mutating func word(_ word: StaticString, _ kind: JSON.Kind) throws(PrivataError)
    -> JSON.Kind
  {
    let text = "\(word)".utf8
    guard bytes[position...].starts(with: text) else { throw error("an unknown word") }
    position += text.count
    return kind
  }

  private mutating func members(depth: Int) throws(PrivataError) -> [JSON.Member] {
    guard depth <= depthLimit else { throw error("nested more than \(depthLimit) levels deep") }
    var members: [JSON.Member] = []
    position += 1
    skipSpace()
    if skip("}") { return members }
    while true {
      skipSpace()
      guard next == UInt8(ascii: "\"") else { throw error("a key is missing") }
      let key = try string()
      skipSpace()
      try expect(":")
      members.append(JSON.Member(key: key, value: try value(depth: depth)))
      skipSpace()
      if skip("}") { return members }
      try expect(",")
    }
  }

  private mutating func elements(depth: Int) throws(PrivataError) -> [JSON] {
    guard depth <= depthLimit else { throw error("nested more than \(depthLimit) levels deep") }
    var elements: [JSON] = []
    position += 1
    skipSpace()
    if skip("]") { return elements }
    while true {
      elements.append(try value(depth: depth))
      skipSpace()
      if skip("]") { return elements }
      try expect(",")
    }
  }

  // MARK: Numbers

  private mutating func number() throws(PrivataError) -> JSON.Kind {
    let start = position
    var isWhole = true
    _ = skip("-")
    if !skip("0") { try digits() }
    if skip(".") {
      isWhole = false
      try digits()
    }
    if skip("e") || skip("E") {
      isWhole = false
      if !skip("+") { _ = skip("-") }
      try digits()
    }
    let text = String(decoding: bytes[start..<position], as: UTF8.self)
    if isWhole, text != "-0", let whole = Int64(text) { return .integer(whole) }
    guard let double = Double(text), double.isFinite else {
      throw error("a number is too large", at: start)
    }
    return .double(double)
  }

  private mutating func digits() throws(PrivataError) {
    let start = position
    while let byte = next, (0x30...0x39).contains(byte) { position += 1 }
    guard position > start else { throw error("a digit is missing") }
  }

  // MARK: Strings

  private mutating func string() throws(PrivataError) -> String {
    position += 1
    var text: [UInt8] = []
    let start = position
    while let byte = next {
      switch byte {
      case UInt8(ascii: "\""):
        position += 1
        guard let string = String(validating: text, as: UTF8.self) else {
          throw error("a text is no UTF-8", at: start)
        }
        return string
      case UInt8(ascii: "\\"):
        try escape(into: &text)
      case 0..<0x20: throw error("a control character is not escaped")
      default:
        text.append(byte)
        position += 1
      }
    }
    throw error("a text has no end", at: start)
  }

  private mutating func escape(into text: inout [UInt8]) throws(PrivataError) {
    position += 1
    guard let byte = next else { throw error("a text has no end") }
    position += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(byte)
    case UInt8(ascii: "b"): text.append(0x08)
    case UInt8(ascii: "f"): text.append(0x0C)
    case UInt8(ascii: "n"): text.append(0x0A)
    case UInt8(ascii: "r"): text.append(0x0D)
    case UInt8(ascii: "t"): text.append(0x09)
    case UInt8(ascii: "u"): text += String(try scalar()).utf8
    default: throw error("an unknown escape", at: position - 1)
    }
  }

  /// The character behind `\u`, which beyond 16 bits is a pair.
  private mutating func scalar() throws(PrivataError) -> Character {
    let first = try codeUnit()
    if let scalar = Unicode.Scalar(first) { return Character(scalar) }
    guard UTF16.isLeadSurrogate(first), skip("\\"), skip("u") else {
      throw error("half of a surrogate pair")
    }
    let second = try codeUnit()
    guard UTF16.isTrailSurrogate(second) else { throw error("half of a surrogate pair") }
    return Character(UTF16.decode(UTF16.EncodedScalar([first, second])))
  }

  private mutating func codeUnit() throws(PrivataError) -> UInt16 {
    var unit: UInt16 = 0
    for _ in 0..<4 {
      guard let byte = next, let digit = Character(Unicode.Scalar(byte)).hexDigitValue, byte < 0x80
      else { throw error("a hexadecimal digit is missing") }
      unit = unit << 4 | UInt16(digit)
      position += 1
    }
    return unit
  }
}
