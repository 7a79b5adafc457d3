import DrizzleStyle
import PrivataCore
import PrivataSQL
import ReplayKit

/// Compares recorded answers with ours.
struct Match {
  let dialect: SQLDialect
  var unorderedNested: [String] = []
  var isUnordered = false

  /// The first difference, `nil` where there is none.
  func difference(_ expected: JSON, _ actual: Value?, at path: String = "rows") -> String? {
    var comparison = Comparison()
    let plain = Self.plain(expected)
    let actual = actual.map { Self.plain($0) }
    if !unorderedNested.isEmpty {
      return nested(plain, actual, path)
    }
    if isUnordered, let elements = plain.elements {
      return comparison.unorderedDifference(elements, actual, at: path)
    }
    return comparison.difference(plain, actual, at: path)
  }

  /// Rows whose related rows have no order.
  private func nested(_ expected: JSON, _ actual: Value?, _ path: String) -> String? {
    if let rows = expected.elements {
      guard case .array(let values)? = actual, values.count == rows.count else {
        return "\(path): expected \(rows.count) rows"
      }
      for (index, row) in rows.enumerated() {
        if let found = nested(row, values[index], "\(path)/\(index)") { return found }
      }
      return nil
    }
    guard let members = expected.members, case .document(let document)? = actual else {
      var comparison = Comparison()
      return comparison.difference(expected, actual, at: path)
    }
    for member in members {
      var comparison = Comparison()
      let below = path + "/" + member.key
      if unorderedNested.contains(member.key), let elements = member.value.elements {
        let found = comparison.unorderedDifference(elements, document[member.key], at: below)
        if let found { return found }
      } else if let found = comparison.difference(member.value, document[member.key], at: below) {
        return found
      }
    }
    return members.count == document.count ? nil : "\(path): not the recorded members"
  }

  /// The notation's own values in the form of the comparison.
  static func plain(_ json: JSON) -> JSON {
    var copy = json
    switch json.kind {
    case .array(let elements): copy.kind = .array(elements.map { plain($0) })
    case .object(let members):
      if members.count == 1, let text = members[0].value.string {
        switch members[0].key {
        case "$bigint":
          let key = Int64(text) == nil ? "$numberDecimal" : "$numberLong"
          copy.kind = .object([renamed(members[0], key, text)])
          return copy
        case "$bytes":
          return (try? JSON(parsing: #"{"$binary":{"base64":"\#(text)","subType":"00"}}"#)) ?? json
        default: break
        }
      }
      copy.kind = .object(
        members.map { member in
          var member = member
          member.value = plain(member.value)
          return member
        })
    default: break
    }
    return copy
  }

  private static func renamed(_ member: JSON.Member, _ key: String, _ text: String) -> JSON.Member {
    var member = member
    member.key = key
    member.value.kind = .string(text)
    return member
  }

  /// Integers of 64 bits are compared by value with what is recorded as digits.
  private static func plain(_ value: Value) -> Value { value }

  // MARK: - Parameters

  /// The first parameter that differs.
  func parameters(_ expected: JSON, _ actual: [RenderedSQL.Parameter]) -> String? {
    let elements = expected.elements ?? []
    guard elements.count == actual.count else {
      return "params: expected \(elements.count), got \(actual.count)"
    }
    for (index, element) in elements.enumerated() where !parameter(element, actual[index]) {
      return "params/\(index): expected \(Self.show(element)), got \(actual[index])"
    }
    return nil
  }

  private func parameter(_ expected: JSON, _ actual: RenderedSQL.Parameter) -> Bool {
    if let name = expected["$placeholder"]?.string {
      if case .placeholder(name, _) = actual { return true }
      return false
    }
    guard case .value(let value, _) = actual else { return false }
    return Self.same(expected, value)
  }

  /// The same value, whatever stands for it: 1 and true, a number and its digits, JSON and its text.
  static func same(_ expected: JSON, _ value: Value) -> Bool {
    switch (expected.kind, value) {
    case (.null, _): return value.isNull
    case (.bool(let flag), .bool(let other)): return flag == other
    case (.bool(let flag), _): return value.asInt == (flag ? 1 : 0)
    case (.array(let elements), .array(let values)):
      return elements.count == values.count && zip(elements, values).allSatisfy { same($0, $1) }
    case (.array, .string(let text)), (.object, .string(let text)):
      guard let parsed = try? JSON(parsing: text) else { return false }
      if let bytes = expected["$bytes"]?.string { return bytes == text }
      return canonical(parsed) == canonical(expected)
    case (.object, .binary(let binary)):
      return expected["$bytes"]?.string.flatMap { Base64.decode($0) } == binary.bytes
    case (.object, .date(let date)):
      return expected["$date"]?.string.flatMap { DateTime(iso8601: $0) } == date
    case (.object, _):
      return expected["$bigint"]?.string == digits(value)
    case (.string(let text), .string(let other)): return text == other
    case (.string(let text), _): return text == digits(value)
    case (.integer, .string(let text)), (.double, .string(let text)):
      return Double(text).map { $0 == number(expected) } ?? false
    default: return value.asDouble == number(expected)
    }
  }

  private static func number(_ json: JSON) -> Double? {
    switch json.kind {
    case .integer(let value): Double(value)
    case .double(let value): value
    default: nil
    }
  }

  private static func digits(_ value: Value) -> String? {
    switch value {
    case .int32(let number): String(number)
    case .int64(let number): String(number)
    case .decimal(let number): number.description
    case .double(let number): Int64(exactly: number).map(String.init) ?? "\(number)"
    default: nil
    }
  }

  /// A JSON tree with sorted members, for comparing without their order.
  private static func canonical(_ json: JSON) -> JSON {
    var copy = json
    switch json.kind {
    case .object(let members):
      copy.kind = .object(
        members.sorted { $0.key < $1.key }.map { member in
          var member = member
          member.value = canonical(member.value)
          return member
        })
    case .array(let elements): copy.kind = .array(elements.map { canonical($0) })
    case .double(let number):
      if let whole = Int64(exactly: number) { copy.kind = .integer(whole) }
    default: break
    }
    return copy
  }

  static func show(_ json: JSON) -> String {
    json.string ?? (try? TypedJSON.value(json)).map { "\($0)" } ?? "?"
  }

  // MARK: - SQL text

  /// True where two statements are the same but for quotes, parentheses, spaces and qualification.
  static func sameText(_ a: String, _ b: String) -> Bool { bare(a) == bare(b) }

  static func bare(_ text: String) -> String {
    var bytes: [UInt8] = []
    var name: [UInt8] = []
    var isName = false
    for byte in text.utf8 {
      if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "`") {
        if isName { bytes += name }
        isName.toggle()
        name = []
      } else if isName {
        name.append(byte)
      } else if byte == UInt8(ascii: ".") {
        // What stands before a point qualifies what follows.
        while let last = bytes.last, last > 0x20, last != UInt8(ascii: ",") { bytes.removeLast() }
      } else if byte == UInt8(ascii: "(") || byte == UInt8(ascii: ")") {
        bytes.append(0x20)
      } else if byte == UInt8(ascii: ",") {
        bytes += [0x20, byte, 0x20]
      } else {
        bytes.append(byte)
      }
    }
    let words = String(decoding: bytes, as: UTF8.self).split {
      $0 == " " || $0 == "\n" || $0 == "\t"
    }
    return words.map { $0.hasPrefix("$") ? "?" + $0.dropFirst().drop { $0.isNumber } : String($0) }
      .joined(separator: " ").lowercased()
  }
}
