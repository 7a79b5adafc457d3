package import PrivataCore

/// Compares what came back with what was recorded: documents without regard to key order, numbers by
/// value (and by type where asked), wildcards bound consistently within a case.
package struct Comparison {
  /// True compares the BSON types of numbers, as for stored documents.
  package var comparesNumberTypes = false
  /// True ignores members of the answer that were not recorded.
  package var ignoresExtraMembers = false
  /// True tells maps from plain documents: a map is `{"$map": …}` on both sides.
  package var marksMaps = false
  /// JSON Pointers below which nothing is compared.
  package var ignored: Set<String> = []
  /// What the wildcards of the case stand for, by their number.
  package private(set) var bound: [Int: ObjectID] = [:]

  package init() {}

  /// The first difference below a path, `nil` where there is none.
  package mutating func difference(_ expected: JSON, _ actual: Value?, at path: String) -> String? {
    if ignored.contains(path) { return nil }
    if case .object(let members) = expected.kind, let wildcard = wildcard(members, actual, path) {
      return wildcard.difference
    }
    if case .object(let members) = expected.kind, members.count == 1,
      let typed = try? TypedJSON.typed(members[0])
    {
      if case .undefined = typed {
        return actual == nil || actual == .undefined ? nil : "\(path): expected no value"
      }
      if members[0].key == "$map" { return map(members[0].value, actual, path) }
      return scalar(typed, actual, path, isTyped: true)
    }
    switch expected.kind {
    case .object(let members): return difference(members, actual, path)
    case .array(let elements): return difference(elements, actual, path)
    default: return scalar((try? TypedJSON.value(expected)) ?? .undefined, actual, path)
    }
  }

  private mutating func map(_ expected: JSON, _ actual: Value?, _ path: String) -> String? {
    guard marksMaps else { return difference(expected, actual, at: path) }
    guard case .document(let document)? = actual, let map = document["$map"] else {
      return "\(path): expected a map"
    }
    return difference(expected, map, at: path)
  }

  private mutating func difference(
    _ members: [JSON.Member], _ actual: Value?, _ path: String
  ) -> String? {
    guard case .document(let document)? = actual else {
      return "\(path): expected a document, got \(Self.kind(actual))"
    }
    for member in members {
      let below = path + "/" + member.key
      if let found = difference(member.value, document[member.key], at: below) { return found }
    }
    guard !ignoresExtraMembers else { return nil }
    let known = Set(members.map(\.key))
    let extra = document.elements.first { !known.contains($0.key) && $0.value != .undefined }
    return extra.flatMap {
      ignored.contains(path + "/" + $0.key) ? nil : "\(path)/\($0.key): not recorded"
    }
  }

  private mutating func difference(
    _ elements: [JSON], _ actual: Value?, _ path: String
  ) -> String? {
    guard case .array(let values)? = actual else {
      return "\(path): expected a list, got \(Self.kind(actual))"
    }
    guard values.count == elements.count else {
      return "\(path): expected \(elements.count) elements, got \(values.count)"
    }
    for (index, element) in elements.enumerated() {
      if let found = difference(element, values[index], at: "\(path)/\(index)") { return found }
    }
    return nil
  }

  /// Compares lists as multisets.
  package mutating func unorderedDifference(
    _ elements: [JSON], _ actual: Value?, at path: String
  ) -> String? {
    guard case .array(var values)? = actual, values.count == elements.count else {
      return "\(path): expected \(elements.count) elements in any order, got \(Self.kind(actual))"
    }
    for (index, element) in elements.enumerated() {
      let match = values.indices.first { candidate in
        var attempt = self
        guard attempt.difference(element, values[candidate], at: path) == nil else { return false }
        self = attempt
        return true
      }
      guard let match else { return "\(path)/\(index): no equal element" }
      values.remove(at: match)
    }
    return nil
  }

  /// A recorded value whose type is spelled out (a long, a decimal) keeps its type and its digits.
  private func scalar(
    _ expected: Value, _ actual: Value?, _ path: String, isTyped: Bool = false
  ) -> String? {
    guard let actual else { return "\(path): expected \(Self.show(expected)), got nothing" }
    let same =
      switch (expected, actual) {
      case (.decimal, _): expected == actual
      case (.null, .undefined): false
      default:
        comparesNumberTypes || isTyped
          ? Self.identical(expected, actual) : Value.equals(expected, actual)
      }
    if same || Self.bothNaN(expected, actual) { return nil }
    return "\(path): expected \(Self.show(expected)), got \(Self.show(actual))"
  }

  private static func identical(_ a: Value, _ b: Value) -> Bool {
    a.typeName == b.typeName && Value.equals(a, b)
  }

  private static func bothNaN(_ a: Value, _ b: Value) -> Bool {
    if case .double(let a) = a, case .double(let b) = b { a.isNaN && b.isNaN } else { false }
  }
}

// MARK: - Wildcards

extension Comparison {
  private mutating func wildcard(
    _ members: [JSON.Member], _ actual: Value?, _ path: String
  ) -> (difference: String?, Void)? {
    guard let any = members.first(where: { $0.key == "$any" })?.value.string else { return nil }
    let number = { (key: String) -> Int? in
      guard case .integer(let n)? = members.first(where: { $0.key == key })?.value.kind else {
        return nil
      }
      return Int(n)
    }
    switch (any, actual) {
    case ("objectId", .objectID(let id)?): return (bind(id, number("n"), path), ())
    case ("string", .string(let text)?):
      guard let id = ObjectID(text) else { return ("\(path): expected 24 digits", ()) }
      return (bind(id, number("hexOf"), path), ())
    case ("date", .date?): return (nil, ())
    default: return ("\(path): expected any \(any), got \(Self.kind(actual))", ())
    }
  }

  private mutating func bind(_ id: ObjectID, _ number: Int?, _ path: String) -> String? {
    guard let number else { return nil }
    if let known = bound[number] {
      return known == id ? nil : "\(path): wildcard \(number) stands for another id"
    }
    if bound.values.contains(id) { return "\(path): wildcard \(number) repeats another's id" }
    bound[number] = id
    return nil
  }

  /// The type of a value, for messages.
  static func kind(_ value: Value?) -> String { value?.typeName ?? "nothing" }

  /// Recorded data is made up, so messages may show it, shortened.
  static func show(_ value: Value) -> String {
    String(value.extendedJSON(.relaxed).prefix(80)) + " (\(value.typeName))"
  }
}
