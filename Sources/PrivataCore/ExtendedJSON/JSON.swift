/// A JSON text as a tree: members keep their order, whole numbers are told from others, and every
/// node knows where it began, for error messages.
package struct JSON: Sendable {
  package enum Kind: Sendable {
    case null
    case bool(Bool)
    /// Digits alone, within 64 bits.
    case integer(Int64)
    /// With a point or an exponent, or beyond 64 bits.
    case double(Double)
    case string(String)
    case array([JSON])
    case object([Member])
  }

  package struct Member: Sendable {
    package var key: String
    package var value: JSON
  }

  package var kind: Kind
  /// The offset of the node's first byte in the text.
  package var offset: Int
}

extension JSON {
  /// The string, where the node is one.
  package var string: String? {
    if case .string(let value) = kind { value } else { nil }
  }

  /// The members in order, where the node is an object.
  package var members: [Member]? {
    if case .object(let value) = kind { value } else { nil }
  }

  /// The elements, where the node is an array.
  package var elements: [JSON]? {
    if case .array(let value) = kind { value } else { nil }
  }

  /// The value of the first member with a key, where the node is an object that has one.
  package subscript(key: String) -> JSON? { members?.first { $0.key == key }?.value }
}

extension JSON {
  /// The tree of a JSON text given as bytes.
  ///
  /// - Throws: `malformed` with the byte at which the text stops being JSON, and where it nests
  ///   more than 512 levels deep.
  package init(parsing bytes: [UInt8]) throws(PrivataError) {
    self = try JSONParser.parse(bytes, depthLimit: 512)
  }

  /// As ``init(parsing:)-([UInt8])``, of a text.
  package init(parsing text: String) throws(PrivataError) {
    try self.init(parsing: Array(text.utf8))
  }
}

extension JSON: Equatable {
  /// Equal where kinds, values and the order of members are; where in the text they stood does not
  /// count.
  package static func == (a: JSON, b: JSON) -> Bool {
    switch (a.kind, b.kind) {
    case (.null, .null): true
    case (.bool(let a), .bool(let b)): a == b
    case (.integer(let a), .integer(let b)): a == b
    case (.double(let a), .double(let b)): a == b
    case (.string(let a), .string(let b)): a == b
    case (.array(let a), .array(let b)): a == b
    case (.object(let a), .object(let b)):
      a.elementsEqual(b) { $0.key == $1.key && $0.value == $1.value }
    default: false
    }
  }
}
