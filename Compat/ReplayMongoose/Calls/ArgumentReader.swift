import MongoStyle
import PrivataCore
import ReplayKit

/// Turns recorded arguments into what calls take. Numbers are those of JavaScript: int32 where
/// integral and within 32 bits, else double.
struct ArgumentReader {
  /// What steps bound to names.
  var bound: [String: Thing] = [:]
  /// The arguments of the method that `$arg` stands in.
  var arguments: [Value] = []

  /// The things of a list of arguments.
  func things(_ json: JSON?) throws -> [Thing] { try (json?.elements ?? []).map { try thing($0) } }

  /// The plain value of an argument.
  func value(_ json: JSON) throws -> Value { try thing(json).plain }

  /// The plain document of an argument.
  func document(_ json: JSON?) throws -> Document {
    guard let json, case .document(let document) = try value(json) else { return Document() }
    return document
  }

  /// The thing that an argument spells.
  func thing(_ json: JSON) throws -> Thing {
    switch json.kind {
    case .array(let elements): return Thing(list: try elements.map { try thing($0) })
    case .object(let members):
      if members.count == 1, let special = try special(members[0]) { return special }
      return Thing(
        object: try members.map { .init(key: $0.key, thing: try thing($0.value)) })
    default: return .value(ArgumentReader.number(try TypedJSON.value(json)))
    }
  }

  private func special(_ member: JSON.Member) throws -> Thing? {
    switch member.key {
    case "$var": return try variable(member.value.string ?? "")
    case "$arg":
      guard case .integer(let index) = member.value.kind else { return nil }
      let position = Int(index)
      return .value(arguments.indices.contains(position) ? arguments[position] : .undefined)
    case "$trusted": return .value(.trusted(try document(member.value)))
    case "$map": return try thing(member.value)
    case "$date" where member.value.string == "invalid": return .value(.invalidDate)
    default: return try TypedJSON.typed(member).map { .value(ArgumentReader.number($0, member)) }
    }
  }

  /// What a name stands for; `name.0` and `name.member` reach into it.
  func variable(_ name: String) throws -> Thing {
    if let thing = bound[name] { return thing }
    var steps = name.split(separator: ".").map(String.init)
    guard !steps.isEmpty, let first = bound[steps.removeFirst()] else {
      throw ReplayFailure("no variable '\(name)'")
    }
    return try steps.reduce(first) { try $0.member($1) }
  }

  /// A number as a program in JavaScript holds it.
  private static func number(_ value: Value, _ member: JSON.Member? = nil) -> Value {
    switch value {
    case .int64(let number) where member == nil: .double(Double(number))
    case .double(let number) where number.sign == .plus || number != 0: .number(number)
    default: value
    }
  }
}

extension Thing {
  /// A member by name or position.
  func member(_ step: String) throws -> Thing {
    switch self {
    case .list(let things):
      if let index = Int(step), things.indices.contains(index) { return things[index] }
    case .value(.array(let values)):
      if let index = Int(step), values.indices.contains(index) { return .value(values[index]) }
    case .value(.document(let document)):
      if let value = document[step] { return .value(value) }
    case .object(let members):
      if let member = members.first(where: { $0.key == step }) { return member.thing }
    case .document(let document): return document.thing(at: step)
    default: break
    }
    return .undefined
  }
}

extension Value {
  /// A date object without a time: outside of what JavaScript's dates hold.
  static let invalidDate = Value.date(DateTime(milliseconds: .min))
}
