package import PrivataCore

extension FieldType {
  /// True where a column of this type keeps the value exactly, type and all. What it does not keep is
  /// odd, and an open model's row holds it in `_rest`.
  package func keeps(_ value: Value, in dialect: SQLDialect) -> Bool {
    switch (self, value) {
    case (.bool, .bool), (.int32, .int32), (.int64, .int64), (.number, .int32),
      (.objectID, .objectID):
      true
    case (.double, .double(let number)): Self.isPlain(number)
    case (.number, .double(let number)): Self.isPlain(number) && Int32(exactly: number) == nil
    case (.decimal, .decimal(let number)): dialect.keeps(number)
    case (.string, .string(let text)), (.varchar, .string(let text)): !text.holdsZero
    case (.date, .date(let date)): dialect.keeps(date)
    case (.uuid, .binary(let binary)): binary.subtype == 4 && binary.bytes.count == 16
    case (.binary, .binary(let binary)): binary.subtype == 0
    case (.any, _): true
    default: false
    }
  }

  /// SQLite stores NaN as null and forgets the sign of zero.
  private static func isPlain(_ number: Double) -> Bool {
    !number.isNaN && !(number == 0 && number.sign == .minus)
  }

  /// The value that a column of this type would hold if it held an equal one by MongoDB's rules;
  /// `nil` where no value of the column can be equal.
  package func comparable(_ value: Value) -> Value? {
    switch (self, value) {
    case (.bool, .bool), (.objectID, .objectID), (.date, .date), (.string, .string),
      (.varchar, .string), (.any, _):
      value
    case (.uuid, .binary(let binary)): binary.subtype == 4 ? value : Value?.none
    case (.binary, .binary(let binary)): binary.subtype == 0 ? value : Value?.none
    case (.int32, _): value.asInt.flatMap { Int32(exactly: $0) }.map { .int32($0) }
    case (.int64, _): value.asInt.map { .int64(Int64($0)) }
    case (.double, _), (.number, _): Self.exactDouble(value)
    case (.decimal, .decimal): value
    default: nil
    }
  }

  private static func exactDouble(_ value: Value) -> Value? {
    switch value {
    case .double(let number): number.isNaN ? Value?.none : value
    case .int32(let number): .double(Double(number))
    case .int64(let number): Double(exactly: number).map { .double($0) }
    default: nil
    }
  }
}

extension String {
  /// True where a zero byte is in the text.
  fileprivate var holdsZero: Bool {
    let bytes = utf8.span
    return bytes.firstZero(in: 0..<bytes.count) != nil
  }
}

extension SQLDialect {
  /// Postgres' timestamps reach from 4713 BC to 294276 AD; SQLite holds plain milliseconds.
  package func keeps(_ date: DateTime) -> Bool {
    self == .sqlite || (-210_866_803_200_000..<9_224_318_016_000_000).contains(date.milliseconds)
  }

  /// Text keeps every decimal bit by bit; `numeric` forgets exponents and the sign of zero.
  package func keeps(_ number: Decimal128) -> Bool {
    switch self {
    case .sqlite: true
    case .postgres: false
    }
  }
}
