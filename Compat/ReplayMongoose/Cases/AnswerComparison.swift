import MongoStyle
import PrivataCore
import ReplayKit

/// Compares answers, which may hold errors, with what was recorded.
struct AnswerComparison {
  var values: Comparison

  /// The first difference of an answer, `nil` where it is what was recorded.
  mutating func difference(_ expected: JSON, _ actual: Thing, at path: String) throws -> String? {
    switch try Rendering.rendered(actual) {
    case .failure(let error):
      guard let recorded = expected["error"] else {
        return "\(path): failed: \(RecordedError(error).summary)"
      }
      return try difference(recorded, error, at: path + "/error")
    case .list(let things): return try list(expected, things, path)
    case .object(let members): return try object(expected, members, path)
    case .value(let value): return values.difference(expected, value, at: path)
    default: return "\(path): an answer that is no value"
    }
  }

  private mutating func list(
    _ expected: JSON, _ things: [Thing], _ path: String
  ) throws -> String? {
    guard let elements = expected.elements, elements.count == things.count else {
      return "\(path): expected \(expected.elements?.count ?? 0) elements, got \(things.count)"
    }
    for (index, element) in elements.enumerated() {
      if let found = try difference(element, things[index], at: "\(path)/\(index)") { return found }
    }
    return nil
  }

  private mutating func object(
    _ expected: JSON, _ members: [Thing.Member], _ path: String
  ) throws -> String? {
    guard let recorded = expected.members else { return "\(path): expected no object" }
    for member in recorded {
      let thing = members.first { $0.key == member.key }?.thing ?? .undefined
      let below = path + "/" + member.key
      if let found = try difference(member, thing, below) { return found }
    }
    let known = Set(recorded.map(\.key))
    let extra = members.first { !known.contains($0.key) && !$0.thing.isUndefined }
    return extra.map { "\(path)/\($0.key): not recorded" }
  }

  /// The first difference of an error: the members that were recorded are compared.
  mutating func difference(
    _ expected: JSON, _ error: any Error, at path: String
  ) throws -> String? {
    let recorded = RecordedError(error)
    for member in expected.members ?? [] {
      let below = path + "/" + member.key
      if values.ignored.contains(below) { continue }
      let thing = recorded.members.first { $0.key == member.key }?.thing ?? .undefined
      if let found = try difference(member, thing, below) {
        return member.key == "name" ? "\(found) — \(recorded.summary)" : found
      }
    }
    return nil
  }

  private mutating func difference(
    _ member: JSON.Member, _ thing: Thing, _ path: String
  ) throws -> String? {
    switch (member.key, thing) {
    case ("errors", .object(let errors)):
      let recorded = member.value.members ?? []
      let missing = recorded.first { one in !errors.contains { $0.key == one.key } }
      if let missing { return "\(path)/\(missing.key): no such error" }
      for error in errors {
        guard let one = recorded.first(where: { $0.key == error.key }) else {
          return "\(path)/\(error.key): an error that was not recorded"
        }
        if let found = try failure(one.value, error.thing, "\(path)/\(error.key)") { return found }
      }
      return nil
    case ("validationErrors", .list(let errors)):
      let recorded = member.value.elements ?? []
      guard recorded.count == errors.count else {
        return "\(path): expected \(recorded.count) errors, got \(errors.count)"
      }
      for (index, one) in recorded.enumerated() {
        if let found = try failure(one, errors[index], "\(path)/\(index)") { return found }
      }
      return nil
    default: return try difference(member.value, thing, at: path)
    }
  }

  private mutating func failure(
    _ expected: JSON, _ thing: Thing, _ path: String
  ) throws -> String? {
    if case .failure(let error) = thing { return try difference(expected, error, at: path) }
    return try difference(expected, thing, at: path)
  }
}

extension RecordedError {
  /// Name and message, for reports; recorded data is made up.
  var summary: String {
    switch error {
    case let own as NamedError: "\(own.name): \(own.message)"
    case let outer as PrivataError: outer.description
    case let own as any MongoStyleError: "\(own.name): \(own.message)"
    default: "\(error)"
    }
  }
}
