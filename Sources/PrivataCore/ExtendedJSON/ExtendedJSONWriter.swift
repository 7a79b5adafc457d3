/// Writes values as Extended JSON without white space.
struct ExtendedJSONWriter {
  private var out: [UInt8] = []
  private let form: ExtendedJSON

  init(_ form: ExtendedJSON) { self.form = form }

  /// What has been written.
  var text: String { String(decoding: out, as: UTF8.self) }

  mutating func append(_ value: Value) {
    switch value {
    case .null: put("null")
    case .bool(let value): put(value ? "true" : "false")
    case .int32(let value): number("$numberInt", "\(value)", isPlain: form == .relaxed)
    case .int64(let value): number("$numberLong", "\(value)", isPlain: form == .relaxed)
    case .double(let value): append(value)
    case .decimal(let value): wrap("$numberDecimal", text: value.description)
    case .string(let value): string(value)
    case .objectID(let value): wrap("$oid", text: value.description)
    case .date(let value): append(value)
    case .document(let value): append(value)
    case .array(let values): append(values)
    default: appendRare(value)
    }
  }

  private mutating func appendRare(_ value: Value) {
    switch value {
    case .binary(let value): append(value)
    case .regex(let value):
      wrap("$regularExpression") {
        $0.member("pattern", text: value.pattern)
        $0.put(",")
        $0.member("options", text: value.options)
      }
    case .timestamp(let value):
      wrap("$timestamp") { $0.put(#""t":\#(value.seconds),"i":\#(value.increment)"#) }
    case .minKey: put(#"{"$minKey":1}"#)
    case .maxKey: put(#"{"$maxKey":1}"#)
    case .symbol(let value): wrap("$symbol", text: value)
    case .dbPointer(let namespace, let id):
      wrap("$dbPointer") {
        $0.member("$ref", text: namespace)
        $0.put(#","$id":{"$oid":"\#(id)"}"#)
      }
    case .code(let code, let scope): append(code: code, scope: scope)
    default: put(#"{"$undefined":true}"#)
    }
  }

  // MARK: Containers

  private mutating func append(_ document: Document) {
    put("{")
    for (index, element) in document.elements.enumerated() {
      if index > 0 { put(",") }
      string(element.key)
      put(":")
      append(element.value)
    }
    put("}")
  }

  private mutating func append(_ values: [Value]) {
    put("[")
    for (index, value) in values.enumerated() {
      if index > 0 { put(",") }
      append(value)
    }
    put("]")
  }

  // MARK: Types with two forms

  private mutating func append(_ value: Double) {
    guard value.isFinite else {
      let name = value.isNaN ? "NaN" : value < 0 ? "-Infinity" : "Infinity"
      return wrap("$numberDouble", text: name)
    }
    number("$numberDouble", value.description.uppercased(), isPlain: form == .relaxed)
  }

  private mutating func append(_ value: DateTime) {
    // The years 1970 to 9999, as the specification draws the line.
    let isReadable = (0..<253_402_300_800_000).contains(value.milliseconds)
    if form == .relaxed && isReadable {
      wrap("$date", text: value.iso8601(alwaysWithMilliseconds: false))
    } else {
      wrap("$date") { $0.member("$numberLong", text: "\(value.milliseconds)") }
    }
  }

  private mutating func append(_ value: Binary) {
    wrap("$binary") {
      $0.put(#""base64":""#)
      Base64.append(value.bytes, to: &$0.out)
      let digits = String(value.subtype, radix: 16)
      $0.put(#"","subType":"\#(digits.utf8.count < 2 ? "0" : "")\#(digits)""#)
    }
  }

  private mutating func append(code: String, scope: Document?) {
    put("{")
    member("$code", text: code)
    if let scope {
      put(#","$scope":"#)
      append(scope)
    }
    put("}")
  }

  // MARK: Text

  private mutating func put(_ text: String) { out += text.utf8 }

  private mutating func number(_ key: String, _ digits: String, isPlain: Bool) {
    if isPlain { put(digits) } else { wrap(key, text: digits) }
  }

  private mutating func wrap(_ key: String, text: String) {
    put("{")
    member(key, text: text)
    put("}")
  }

  private mutating func wrap(_ key: String, _ body: (inout ExtendedJSONWriter) -> Void) {
    put(#"{"\#(key)":{"#)
    body(&self)
    put("}}")
  }

  private mutating func member(_ key: String, text: String) {
    put(#""\#(key)":"#)
    string(text)
  }

  private mutating func string(_ text: String) {
    out.append(UInt8(ascii: "\""))
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"):
        out.append(UInt8(ascii: "\\"))
        out.append(byte)
      case 0..<0x20: escape(byte)
      default: out.append(byte)
      }
    }
    out.append(UInt8(ascii: "\""))
  }

  private mutating func escape(_ control: UInt8) {
    switch control {
    case 0x08: put(#"\b"#)
    case 0x09: put(#"\t"#)
    case 0x0A: put(#"\n"#)
    case 0x0C: put(#"\f"#)
    case 0x0D: put(#"\r"#)
    default:
      put(control < 0x10 ? #"\u000"# : #"\u00"#)
      put(String(control, radix: 16))
    }
  }
}
