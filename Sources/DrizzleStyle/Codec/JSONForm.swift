internal import PrivataCore

/// Values as JSON, as `JSON.stringify` writes them, and back.
enum JSONForm {
  static func text(_ value: Value) -> String {
    var text = ""
    append(value, to: &text)
    return text
  }

  private static func append(_ value: Value, to text: inout String) {
    switch value {
    case .null, .undefined, .minKey, .maxKey: text += "null"
    case .bool(let flag): text += flag ? "true" : "false"
    case .int32, .int64, .double, .decimal: text += number(value)
    case .string(let string): append(string: string, to: &text)
    case .date(let date): append(string: date.iso8601, to: &text)
    case .document(let document): append(document, to: &text)
    case .array(let values):
      text += "["
      for (index, value) in values.enumerated() {
        if index > 0 { text += "," }
        append(value, to: &text)
      }
      text += "]"
    default: append(string: JSText.text(value), to: &text)
    }
  }

  private static func append(_ document: Document, to text: inout String) {
    text += "{"
    var isFirst = true
    for element in document.elements where element.value != .undefined {
      if !isFirst { text += "," }
      isFirst = false
      append(string: element.key, to: &text)
      text += ":"
      append(element.value, to: &text)
    }
    text += "}"
  }

  private static func append(string: String, to text: inout String) {
    text += "\""
    for scalar in string.unicodeScalars {
      switch scalar {
      case "\"": text += "\\\""
      case "\\": text += "\\\\"
      case "\n": text += "\\n"
      case "\r": text += "\\r"
      case "\t": text += "\\t"
      case "\u{8}": text += "\\b"
      case "\u{c}": text += "\\f"
      case _ where scalar.value < 0x20:
        let hex = String(scalar.value, radix: 16)
        text += "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
      default: text.unicodeScalars.append(scalar)
      }
    }
    text += "\""
  }

  /// A number without a point where it is whole.
  static func number(_ value: Value) -> String {
    switch value {
    case .int32(let number): return String(number)
    case .int64(let number): return String(number)
    case .decimal(let number): return number.description
    case .double(let number):
      if let whole = Int64(exactly: number) { return String(whole) }
      return number.isFinite
        ? "\(number)" : number.isNaN ? "NaN" : number < 0 ? "-Infinity" : "Infinity"
    default: return "null"
    }
  }

  /// The value of a JSON text.
  ///
  /// - Throws: `malformed`, which names no part of the text.
  static func value(_ text: String) throws(PrivataError) -> Value {
    value(try JSON(parsing: text))
  }

  static func value(_ json: JSON) -> Value {
    switch json.kind {
    case .null: .null
    case .bool(let flag): .bool(flag)
    case .integer(let number): .int(Int(number))
    case .double(let number): .double(number)
    case .string(let text): .string(text)
    case .array(let elements): .array(elements.map(value))
    case .object(let members):
      .document(Document(members.map { .init(key: $0.key, value: value($0.value)) }))
    }
  }
}
