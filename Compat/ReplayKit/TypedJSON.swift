package import PrivataCore

/// Reads the values of recorded cases: Extended JSON v2, where an object is a typed value exactly
/// when it has one key and that key is one of the notation's; every other object is a document.
package enum TypedJSON {
  /// The value of a node. `$undefined` is `Value.undefined`.
  package static func value(_ json: JSON) throws(ReplayFailure) -> Value {
    switch json.kind {
    case .null: return .null
    case .bool(let value): return .bool(value)
    case .integer(let value): return Int32(exactly: value).map { .int32($0) } ?? .int64(value)
    case .double(let value): return .double(value)
    case .string(let value): return .string(value)
    case .array(let elements):
      return .array(try elements.map { json throws(ReplayFailure) in try value(json) })
    case .object(let members):
      if members.count == 1, let typed = try typed(members[0]) { return typed }
      return .document(try document(members))
    }
  }

  /// The document of an object node, whatever its keys.
  package static func document(_ members: [JSON.Member]) throws(ReplayFailure) -> Document {
    var elements: [Document.Element] = []
    for member in members {
      elements.append(.init(key: member.key, value: try value(member.value)))
    }
    return Document(elements)
  }

  /// The typed value that a single member spells, `nil` where its key is none of the notation's.
  package static func typed(_ member: JSON.Member) throws(ReplayFailure) -> Value? {
    let text = member.value.string
    switch member.key {
    case "$oid": return text.flatMap { ObjectID($0) }.map { .objectID($0) }
    case "$date": return date(member.value)
    case "$numberDouble": return text.flatMap { double($0) }.map { .double($0) }
    case "$numberLong": return text.flatMap { Int64($0) }.map { .int64($0) }
    case "$numberInt": return text.flatMap { Int32($0) }.map { .int32($0) }
    case "$numberDecimal": return text.flatMap { Decimal128($0) }.map { .decimal($0) }
    case "$binary": return binary(member.value)
    case "$regularExpression": return regex(member.value)
    case "$undefined": return .undefined
    case "$map": return try value(member.value)
    default: return nil
    }
  }

  private static func date(_ json: JSON) -> Value? {
    if let text = json.string {
      // A date object without a time lies outside of what dates can hold.
      if text == "invalid" { return .date(DateTime(milliseconds: .min)) }
      return DateTime(iso8601: text).map { .date($0) }
    }
    return json["$numberLong"]?.string.flatMap { Int64($0) }
      .map { .date(DateTime(milliseconds: $0)) }
  }

  private static func double(_ text: String) -> Double? {
    switch text {
    case "Infinity": .infinity
    case "-Infinity": -.infinity
    case "NaN": .nan
    default: Double(text)
    }
  }

  private static func binary(_ json: JSON) -> Value? {
    guard let bytes = json["base64"]?.string.flatMap({ Base64.decode($0) }),
      let subtype = json["subType"]?.string.flatMap({ UInt8($0, radix: 16) })
    else { return nil }
    return .binary(Binary(bytes, subtype: subtype))
  }

  private static func regex(_ json: JSON) -> Value? {
    guard let pattern = json["pattern"]?.string else { return nil }
    return .regex(RegularExpression(pattern, options: json["options"]?.string ?? ""))
  }
}

/// Why a case could not be replayed or did not hold.
package struct ReplayFailure: Error {
  package var reason: String

  package init(_ reason: String) { self.reason = reason }
}
