package import PrivataCore

/// As much of a value as decides which SQL a condition on it becomes: queries that differ only in
/// values of the same shape share one statement.
package struct ValueShape: OptionSet, Sendable, Hashable {
  package let rawValue: UInt32
  package init(rawValue: UInt32) { self.rawValue = rawValue }

  package static let null = Self(rawValue: 1 << 0)
  package static let bool = Self(rawValue: 1 << 1)
  /// An integral number of any BSON type within 32 bits.
  package static let int32 = Self(rawValue: 1 << 2)
  /// An integral number that doubles hold exactly.
  package static let int53 = Self(rawValue: 1 << 3)
  /// A greater integral number.
  package static let int64 = Self(rawValue: 1 << 4)
  /// A fraction, an infinity, or a double beyond 64 bits.
  package static let real = Self(rawValue: 1 << 5)
  package static let nan = Self(rawValue: 1 << 6)
  package static let decimal = Self(rawValue: 1 << 7)
  package static let string = Self(rawValue: 1 << 8)
  /// An empty needle.
  package static let emptyString = Self(rawValue: 1 << 9)
  package static let objectID = Self(rawValue: 1 << 10)
  package static let date = Self(rawValue: 1 << 11)
  /// A date that Postgres' timestamps do not reach.
  package static let farDate = Self(rawValue: 1 << 12)
  package static let uuid = Self(rawValue: 1 << 13)
  package static let bytes = Self(rawValue: 1 << 14)
  package static let otherBinary = Self(rawValue: 1 << 15)
  package static let document = Self(rawValue: 1 << 16)
  package static let array = Self(rawValue: 1 << 17)
  package static let regex = Self(rawValue: 1 << 18)
  /// The rare types, which no column holds.
  package static let other = Self(rawValue: 1 << 19)
  /// A needle beyond ASCII; set beside ``string``.
  package static let wide = Self(rawValue: 1 << 20)

  /// A text with a zero character, which Postgres cannot hold.
  package static let zeroText = Self(rawValue: 1 << 21)

  package static let integers: ValueShape = [.int32, .int53, .int64]
  package static let numbers: ValueShape = [.int32, .int53, .int64, .real]

  /// The shape of a value.
  package init(_ value: Value) {
    switch value {
    case .null, .undefined: self = .null
    case .bool: self = .bool
    case .int32: self = .int32
    case .int64(let number): self = Self.integer(number)
    case .double(let number): self = Self.double(number)
    case .decimal: self = .decimal
    case .string(let text): self = Self.hasZero(text) ? .zeroText : .string
    case .objectID: self = .objectID
    case .date(let date): self = SQLDialect.postgres.keeps(date) ? .date : .farDate
    case .binary(let binary): self = Self.binary(binary)
    case .document: self = .document
    case .array: self = .array
    case .regex: self = .regex
    default: self = .other
    }
  }

  /// The shapes of all elements of a list, together.
  package init(elements: [Value]) {
    self = []
    for element in elements { formUnion(ValueShape(element)) }
  }

  private static func hasZero(_ text: String) -> Bool {
    let bytes = text.utf8.span
    return bytes.firstZero(in: 0..<bytes.count) != nil
  }

  private static func integer(_ number: Int64) -> ValueShape {
    if Int32(exactly: number) != nil { return .int32 }
    return number.magnitude <= 1 << 53 ? .int53 : .int64
  }

  private static func double(_ number: Double) -> ValueShape {
    if number.isNaN { return .nan }
    guard let whole = Int64(exactly: number) else { return .real }
    return integer(whole)
  }

  /// The shape of a text that is looked for inside others.
  package init(needle text: String) {
    if text.isEmpty {
      self = .emptyString
    } else {
      self = text.utf8.allSatisfy { $0 < 0x80 } ? .string : [.string, .wide]
    }
  }

  private static func binary(_ binary: Binary) -> ValueShape {
    switch binary.subtype {
    case 4 where binary.bytes.count == 16: .uuid
    case 0: .bytes
    default: .otherBinary
    }
  }
}
