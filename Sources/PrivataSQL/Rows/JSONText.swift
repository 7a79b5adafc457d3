package import PrivataCore

/// Values as plain JSON: what JSON columns hold, and SQLite's columns of typed lists.
///
/// Ids and bytes are hexadecimal text, dates milliseconds, decimals text; the column's type says how
/// to read them back.
package enum JSONText {
  /// The JSON of a value.
  package static func text(of value: Value) -> String {
    var text = ""
    write(value, to: &text)
    return text
  }

  private static func write(_ value: Value, to text: inout String) {
    switch value {
    case .bool(let flag): text += flag ? "true" : "false"
    case .int32(let number): text += String(number)
    case .int64(let number): text += String(number)
    case .double(let number): text += number.isFinite ? String(number) : "null"
    case .decimal(let number): write(number.description, to: &text)
    case .string(let string), .symbol(let string), .code(let string, _): write(string, to: &text)
    case .objectID(let id): write(id.description, to: &text)
    case .date(let date): text += String(date.milliseconds)
    case .binary(let binary): write(hex(binary.bytes), to: &text)
    case .array(let values): writeArray(values, to: &text)
    case .document(let document): writeObject(document, to: &text)
    default: text += "null"
    }
  }

  private static func writeArray(_ values: [Value], to text: inout String) {
    text += "["
    for (index, value) in values.enumerated() {
      if index > 0 { text += "," }
      write(value, to: &text)
    }
    text += "]"
  }

  private static func writeObject(_ document: Document, to text: inout String) {
    text += "{"
    for (index, element) in document.elements.enumerated() {
      if index > 0 { text += "," }
      write(element.key, to: &text)
      text += ":"
      write(element.value, to: &text)
    }
    text += "}"
  }

  private static func write(_ string: String, to text: inout String) {
    text += "\""
    for scalar in string.unicodeScalars {
      switch scalar {
      case "\"": text += "\\\""
      case "\\": text += "\\\\"
      case "\n": text += "\\n"
      case "\r": text += "\\r"
      case "\t": text += "\\t"
      case "\u{0}"..<" ":
        let digits = String(scalar.value, radix: 16)
        text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: text.unicodeScalars.append(scalar)
      }
    }
    text += "\""
  }

  private static func hex(_ bytes: [UInt8]) -> String {
    let digits = Array("0123456789abcdef".utf8)
    var text: [UInt8] = []
    text.reserveCapacity(bytes.count * 2)
    for byte in bytes {
      text.append(digits[Int(byte >> 4)])
      text.append(digits[Int(byte & 15)])
    }
    return String(decoding: text, as: UTF8.self)
  }
}

// MARK: - Reading

extension JSONText {
  /// The value of a JSON text as a type reads it; `nil` where the text is no JSON.
  package static func value(of bytes: some Sequence<UInt8>, as type: FieldType) -> Value? {
    guard let json = try? JSON(parsing: Array(bytes)) else { return nil }
    return value(json, as: type)
  }

  private static func value(_ json: JSON, as type: FieldType) -> Value {
    switch (json.kind, type) {
    case (.array(let elements), .array(let element)):
      .array(elements.map { value($0, as: element) })
    case (.integer(let number), _): integer(number, as: type)
    case (.double(let number), _): .double(number)
    case (.string(let text), _): string(text, as: type)
    case (.bool(let flag), _): .bool(flag)
    case (.null, _): .null
    case (.array(let elements), _): .array(elements.map { value($0, as: .json) })
    case (.object(let members), _):
      .document(
        Document(
          members.map { Document.Element(key: $0.key, value: value($0.value, as: .json)) }))
    }
  }

  private static func integer(_ number: Int64, as type: FieldType) -> Value {
    switch type {
    case .int64: .int64(number)
    case .double: .double(Double(number))
    case .date: .date(DateTime(milliseconds: number))
    case .bool: .bool(number != 0)
    default: .int(Int(number))
    }
  }

  private static func string(_ text: String, as type: FieldType) -> Value {
    switch type {
    case .objectID: ObjectID(text).map { .objectID($0) } ?? .string(text)
    case .decimal: Decimal128(text).map { .decimal($0) } ?? .string(text)
    case .uuid: bytes(hex: text).map { .binary(Binary($0, subtype: 4)) } ?? .string(text)
    case .binary: bytes(hex: text).map { .binary(Binary($0)) } ?? .string(text)
    default: .string(text)
    }
  }

  private static func bytes(hex text: String) -> [UInt8]? {
    let digits = Array(text.utf8)
    guard digits.count.isMultiple(of: 2) else { return nil }
    var bytes: [UInt8] = []
    for index in stride(from: 0, to: digits.count, by: 2) {
      let pair = String(decoding: digits[index..<index + 2], as: UTF8.self)
      guard let byte = UInt8(pair, radix: 16) else { return nil }
      bytes.append(byte)
    }
    return bytes
  }
}
