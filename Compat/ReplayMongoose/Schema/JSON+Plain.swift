import PrivataCore

extension JSON {
  var bool: Bool? { if case .bool(let value) = kind { value } else { nil } }
  var isTrue: Bool { bool == true }
  var int: Int? { if case .integer(let value) = kind { Int(value) } else { nil } }
  var isNull: Bool { if case .null = kind { true } else { false } }
  var strings: [String] { elements?.compactMap(\.string) ?? [] }

  /// The names that are given as one or as a list.
  var names: [String] { string.map { [$0] } ?? strings }

  /// The function's name in `{"$fn": name}`.
  var function: String? { members?.count == 1 ? self["$fn"]?.string : nil }

  /// `[value, message]` where the second one is a text; else the value alone.
  var withMessage: (value: JSON, message: String?) {
    guard let elements, elements.count == 2, let message = elements[1].string else {
      return (self, nil)
    }
    return (elements[0], message)
  }
}
