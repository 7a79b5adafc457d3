internal import PrivataCore

/// As much of a new value as decides whether a column keeps it: its BSON type, and what some stores
/// cannot hold of that type.
struct NewValueShape: Hashable {
  let type: UInt8
  let isSpecial: Bool

  init(_ value: Value) {
    (type, isSpecial) =
      switch value {
      case .null: (0, false)
      case .bool: (1, false)
      case .int32: (2, false)
      case .int64: (3, false)
      case .double(let number): (Self.doubleType(number), false)
      case .decimal: (7, false)
      case .string(let text): (8, text.utf8.contains(0))
      case .objectID: (9, false)
      case .date(let date): (10, !SQLDialect.postgres.keeps(date))
      case .binary(let binary): (binary.subtype == 4 ? 11 : 12, Self.isSpecial(binary))
      case .document: (13, false)
      case .array: (14, false)
      default: (15, false)
      }
  }

  private static func doubleType(_ number: Double) -> UInt8 {
    if number.isNaN || (number == 0 && number.sign == .minus) { return 4 }
    return Int32(exactly: number) == nil ? 5 : 6
  }

  private static func isSpecial(_ binary: Binary) -> Bool {
    binary.subtype == 4 ? binary.bytes.count != 16 : binary.subtype != 0
  }
}

extension Changes {
  func hashShape(into hasher: inout ShapeHash) {
    switch self {
    case .operators(let document):
      for element in document.elements {
        hasher.combine(element.key)
        for change in element.value.asDocument?.elements ?? [] {
          hasher.combine(change.key)
          hasher.combine(NewValueShape(change.value))
        }
      }
    case .assign(let assignments):
      for assignment in assignments {
        hasher.combine(assignment.field)
        hasher.combine(other: assignment.operation)
      }
    case .replacement: hasher.combine(1 as UInt8)
    case .pipeline: hasher.combine(2 as UInt8)
    }
  }

  func hasShape(of other: Changes) -> Bool {
    switch (self, other) {
    case (.replacement, .replacement), (.pipeline, .pipeline): true
    case (.assign(let a), .assign(let b)):
      a.count == b.count
        && zip(a, b).allSatisfy { a, b in
          a.field == b.field && a.operation == b.operation
            && NewValueShape(a.value) == NewValueShape(b.value)
        }
    case (.operators(let a), .operators(let b)):
      Self.same(a, b) { a, b in
        guard let a = a.asDocument, let b = b.asDocument else {
          return NewValueShape(a) == NewValueShape(b)
        }
        return Self.same(a, b) { NewValueShape($0) == NewValueShape($1) }
      }
    default: false
    }
  }

  private static func same(
    _ a: Document, _ b: Document, by isSame: (Value, Value) -> Bool
  ) -> Bool {
    let (a, b) = (a.elements, b.elements)
    guard a.count == b.count else { return false }
    return zip(a, b).allSatisfy { $0.key == $1.key && isSame($0.value, $1.value) }
  }

  var blank: Changes {
    switch self {
    case .replacement: .replacement([:])
    case .pipeline: .pipeline([])
    case .assign(let assignments):
      .assign(assignments.map { Assignment($0.field, $0.value.newBlank, $0.operation) })
    case .operators(let document):
      .operators(
        Self.map(document) { value in
          value.asDocument.map { .document(Self.map($0) { $0.newBlank }) } ?? value.newBlank
        })
    }
  }

  private static func map(_ document: Document, _ change: (Value) -> Value) -> Document {
    Document(
      document.elements.map { Document.Element(key: $0.key, value: change($0.value)) })
  }
}

extension Value {
  /// A value of the same ``NewValueShape`` that says nothing.
  fileprivate var newBlank: Value {
    switch self {
    case .int64: .int64(0)
    case .double(let number) where number.isNaN: .double(.nan)
    case .double(let number) where number == 0 && number.sign == .minus: self
    case .double(let number): .double(Int32(exactly: number) == nil ? 0.5 : 1)
    case .string(let text): .string(text.utf8.contains(0) ? "\0" : "x")
    case .binary(let binary):
      .binary(
        Binary(
          Array(repeating: 0, count: binary.subtype == 4 && binary.bytes.count == 16 ? 16 : 0),
          subtype: binary.subtype))
    default: blank
    }
  }
}
