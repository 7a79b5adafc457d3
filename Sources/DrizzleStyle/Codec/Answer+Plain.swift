internal import PrivataCore

extension Answer {
  /// The value where nothing says how it is to be read. PostgreSQL: small integers, floats,
  /// Booleans, JSON, bytes and lists of those have their own types, all else is the server's text.
  var plain: Value {
    get throws(PrivataError) {
      guard case .postgres(let type) = form, case .string(let text) = value else { return value }
      return try PostgresPlain.value(text, type)
    }
  }

  /// The value as a number.
  var number: Value {
    switch value {
    case .string(let text): JSText.number(text)
    case .bool(let flag): .int(flag ? 1 : 0)
    default: value
    }
  }
}

/// PostgreSQL's texts by the numbers of their types.
enum PostgresPlain {
  static func value(_ text: String, _ type: UInt32) throws(PrivataError) -> Value {
    switch type {
    case 16: .bool(text == "t" || text == "true")
    case 21, 23, 26: JSText.number(text)
    case 700, 701: .double(Double(text) ?? .nan)
    case 114, 3802: try JSONForm.value(text)
    case 17: Hex.bytes(text.dropFirst(2)).map { .binary(Binary($0)) } ?? .string(text)
    case 600: geometry(text, ["x", "y"])
    default:
      try elements[type].map { element throws(PrivataError) in
        try array(text, element)
      } ?? .string(text)
    }
  }

  /// The elements of the list types that are read as lists.
  private static let elements: [UInt32: UInt32] = [
    1000: 16, 1001: 17, 1005: 21, 1007: 23, 1009: 25, 1014: 1042, 1015: 1043, 1016: 20, 1021: 700,
    1022: 701, 1028: 26, 1231: 1700, 199: 114, 2951: 2950, 3807: 3802, 1041: 869, 651: 650,
    1040: 829, 1183: 1083,
  ]

  private static func array(_ text: String, _ element: UInt32) throws(PrivataError) -> Value {
    try ArrayText.value(text) { text throws(PrivataError) in try value(text, element) }
  }

  static func geometry(_ text: String, _ names: [String]?) -> Value {
    let numbers = text.dropFirst().dropLast().split(separator: ",").map {
      JSText.number(String($0))
    }
    guard let names else { return .array(numbers) }
    return .document(Document(zip(names, numbers).map { .init(key: $0, value: $1) }))
  }
}

/// The text form of PostgreSQL's arrays: `{1,NULL,"a \"b\""}`, nested in braces.
struct ArrayText {
  private let bytes: [UInt8]
  private var position = 0

  private init(_ text: String) { bytes = Array(text.utf8) }

  /// The list of a text; `element` reads each element's text.
  static func value(
    _ text: String, _ element: (String) throws(PrivataError) -> Value
  ) throws(PrivataError) -> Value {
    var parser = ArrayText(text)
    // Bounds that do not start at 1 come first, as in `[0:1]={1,2}`.
    if let start = parser.bytes.firstIndex(of: UInt8(ascii: "{")) { parser.position = start }
    return .array(try parser.list(element))
  }

  private mutating func list(
    _ element: (String) throws(PrivataError) -> Value
  ) throws(PrivataError) -> [Value] {
    guard take("{") else { throw PrivataError(.malformed, "a list that does not begin with {") }
    var values: [Value] = []
    if take("}") { return values }
    repeat {
      if position < bytes.count, bytes[position] == UInt8(ascii: "{") {
        values.append(.array(try list(element)))
      } else {
        let (text, isQuoted) = scan()
        values.append(!isQuoted && text == "NULL" ? .null : try element(text))
      }
    } while take(",")
    guard take("}") else { throw PrivataError(.malformed, "a list that does not end with }") }
    return values
  }

  private mutating func scan() -> (String, isQuoted: Bool) {
    let isQuoted = take("\"")
    var text: [UInt8] = []
    while position < bytes.count {
      let byte = bytes[position]
      if isQuoted ? byte == UInt8(ascii: "\"") : byte == 0x2C || byte == 0x7D { break }
      position += 1
      if byte == UInt8(ascii: "\\"), position < bytes.count {
        text.append(bytes[position])
        position += 1
      } else {
        text.append(byte)
      }
    }
    if isQuoted { _ = take("\"") }
    return (String(decoding: text, as: UTF8.self), isQuoted)
  }

  private mutating func take(_ mark: Unicode.Scalar) -> Bool {
    guard position < bytes.count, bytes[position] == UInt8(ascii: mark) else { return false }
    position += 1
    return true
  }
}
