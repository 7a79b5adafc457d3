internal import PrivataCore
internal import PrivataSQL

/// Values of the types that are read whole rather than straight into cells.
enum PostgresValue {
  /// The value of bytes in a type's binary form, `nil` where they are damaged or no value holds them.
  static func value(_ bytes: [UInt8], _ form: PostgresType.Form, _ field: FieldType?) -> Value? {
    let span = bytes.span
    switch (form, bytes.count) {
    case (.bool, 1): return .bool(bytes[0] != 0)
    case (.int2, 2): return integer(Int64(Int16(bitPattern: span.bigEndian16(at: 0))), field)
    case (.int4, 4): return integer(Int64(Int32(bitPattern: span.bigEndian32(at: 0))), field)
    case (.int8, 8):
      return integer(Int64(bitPattern: span.bigEndian64(at: 0)), field ?? .int64)
    case (.oid, 4): return .int64(Int64(span.bigEndian32(at: 0)))
    case (.float4, 4): return .double(Double(Float(bitPattern: span.bigEndian32(at: 0))))
    case (.float8, 8): return double(Double(bitPattern: span.bigEndian64(at: 0)), field)
    case (.numeric, _): return PostgresNumeric.decimal(span).map { decimal($0, field) }
    case (.text, _), (.other, _): return .string(String(decoding: bytes, as: UTF8.self))
    case (.uuid, 16): return uuid(bytes, field)
    case (.timestamp, 8):
      let micro = Int64(bitPattern: span.bigEndian64(at: 0))
      return .date(PostgresMoment.date(microseconds: micro))
    case (.date, 4):
      return .date(PostgresMoment.date(days: Int32(bitPattern: span.bigEndian32(at: 0))))
    case (.bytea, _): return binary(bytes, field)
    case (.json, _): return json(bytes[...], field)
    case (.jsonb, 1...): return json(bytes.dropFirst(), field)
    case (.array(let element), _): return array(bytes, of: element, field)
    default: return nil
    }
  }

  /// An integer as the field's type has it.
  static func integer(_ number: Int64, _ field: FieldType?) -> Value {
    switch field {
    case .int64: .int64(number)
    case .double: .double(Double(number))
    case .decimal: .decimal(Decimal128(number))
    default: Int32(exactly: number).map { .int32($0) } ?? .int64(number)
    }
  }

  static func double(_ number: Double, _ field: FieldType?) -> Value {
    let isMinusZero = number == 0 && number.sign == .minus
    return field == .number && !isMinusZero ? .number(number) : .double(number)
  }

  /// A `numeric` as the field's type has it: sums and counts come as `numeric` too.
  static func decimal(_ number: Decimal128, _ field: FieldType?) -> Value {
    switch field {
    case .double: .double(Double(number))
    case .number: double(Double(number), field)
    case .int64: Int64(exactly: number).map { .int64($0) } ?? .decimal(number)
    case .int32: Int32(exactly: number).map { .int32($0) } ?? .decimal(number)
    default: .decimal(number)
    }
  }

  static func uuid(_ bytes: [UInt8], _ field: FieldType?) -> Value {
    field == .string ? .string(PostgresText.uuid(bytes)) : .binary(Binary(bytes, subtype: 4))
  }

  static func binary(_ bytes: [UInt8], _ field: FieldType?) -> Value? {
    switch field {
    case .objectID: ObjectID(bytes: bytes).map { .objectID($0) }
    case .document: (try? Document(bson: bytes)).map { .document($0) }
    case .any: BSONReader.value(ofElement: bytes[...])
    default: .binary(Binary(bytes))
    }
  }

  static func json(_ bytes: ArraySlice<UInt8>, _ field: FieldType?) -> Value? {
    if field == .string { return .string(String(decoding: bytes, as: UTF8.self)) }
    return JSONText.value(of: bytes, as: field ?? .json)
  }
}

// MARK: - Arrays

extension PostgresValue {
  private static func array(
    _ bytes: [UInt8], of element: PostgresType, _ field: FieldType?
  ) -> Value? {
    guard bytes.count >= 12 else { return nil }
    let dimensions = Int(bytes.span.bigEndian32(at: 0))
    guard dimensions > 0 else { return .array([]) }
    guard dimensions <= 6, bytes.count >= 12 + 8 * dimensions else { return nil }
    let lengths = (0..<dimensions).map { Int(bytes.span.bigEndian32(at: 12 + 8 * $0)) }
    var inner = field
    while case .array(let next)? = inner { inner = next }
    var offset = 12 + 8 * dimensions
    return row(lengths[...], bytes, &offset, element.form, inner).map { .array($0) }
  }

  private static func row(
    _ lengths: ArraySlice<Int>, _ bytes: [UInt8], _ offset: inout Int, _ form: PostgresType.Form,
    _ field: FieldType?
  ) -> [Value]? {
    guard let count = lengths.first else { return nil }
    // Each element takes at least its four bytes of length.
    guard count <= (bytes.count - offset) / 4 || lengths.count > 1 else { return nil }
    var values: [Value] = []
    for _ in 0..<count {
      if lengths.count > 1 {
        guard let inner = row(lengths.dropFirst(), bytes, &offset, form, field) else { return nil }
        values.append(.array(inner))
      } else {
        guard let value = element(bytes, &offset, form, field) else { return nil }
        values.append(value)
      }
    }
    return values
  }

  private static func element(
    _ bytes: [UInt8], _ offset: inout Int, _ form: PostgresType.Form, _ field: FieldType?
  ) -> Value? {
    guard offset + 4 <= bytes.count else { return nil }
    let length = Int(Int32(bitPattern: bytes.span.bigEndian32(at: offset)))
    offset += 4
    guard length >= 0 else { return .null }
    guard offset + length <= bytes.count else { return nil }
    defer { offset += length }
    return value(Array(bytes[offset..<offset + length]), form, field)
  }
}
