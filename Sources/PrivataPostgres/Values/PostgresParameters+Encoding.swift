internal import PrivataCore
internal import PrivataSQL

extension PostgresParameters {
  /// Encodes the values of a statement's parameters as their types on the server ask.
  ///
  /// - Throws: `wrongType` with the parameter's place, never its value; `badArgument` for a text
  ///   with a zero character, which Postgres cannot hold.
  init(
    _ values: [Value], as types: [PostgresType], fields: [FieldType?]
  ) throws(PrivataError) {
    self.init(capacity: values.count)
    for (index, value) in values.enumerated() {
      let type = index < types.count ? types[index] : .unspecified
      let field = index < fields.count ? fields[index] : nil
      let problem = append(value, type: type, field: field)
      if let problem { throw problem.error(parameter: index + 1, type) }
    }
    if isTooLarge {
      throw PrivataError(.badArgument, "a statement's parameters exceed what Postgres takes")
    }
  }

  private mutating func append(
    _ value: Value, type: PostgresType, field: FieldType?
  ) -> ParameterProblem? {
    if value.isNull {
      appendNull()
      return nil
    }
    var problem: ParameterProblem?
    let isText = type.sendsText(value, field)
    append(isBinary: !isText) { bytes in
      problem =
        isText
        ? bytes.append(textOf: value, field: field)
        : bytes.append(value, as: type.form, field: field)
    }
    return problem
  }
}

/// Why a value cannot be a parameter.
enum ParameterProblem {
  case wrongType, zeroCharacter

  fileprivate func error(parameter: Int, _ type: PostgresType) -> PrivataError {
    switch self {
    case .wrongType:
      PrivataError(.wrongType, "parameter $\(parameter) does not take a value of this type")
    case .zeroCharacter:
      PrivataError(.badArgument, "parameter $\(parameter) is a text with a zero character")
    }
  }
}

extension PostgresType {
  /// True where a value is sent as text for the server to read: into types that we do not write, and
  /// texts and doubles into types whose binary form they are not.
  fileprivate func sendsText(_ value: Value, _ field: FieldType?) -> Bool {
    switch (form, value) {
    case (.json, _), (.jsonb, _): false
    case (.text, .string): false
    case (_, .string): true
    case (.array, _): false
    case (.numeric, .double): true
    case (.other, _): true
    default: false
    }
  }
}

extension [UInt8] {
  /// Appends a value in the text form that any type of the server reads.
  fileprivate mutating func append(textOf value: Value, field: FieldType?) -> ParameterProblem? {
    let text: String
    switch value {
    case .string(let string): text = string
    case .bool(let flag): text = flag ? "t" : "f"
    case .int32(let number): text = String(number)
    case .int64(let number): text = String(number)
    case .double(let number): text = number.isNaN ? "NaN" : Self.text(of: number)
    case .decimal(let number): text = number.description
    case .date(let date): text = date.iso8601
    case .objectID(let id): text = id.description
    case .document, .array: text = JSONText.text(of: value)
    default: return .wrongType
    }
    append(contentsOf: text.utf8)
    return text.utf8.contains(0) ? .zeroCharacter : nil
  }

  private static func text(of number: Double) -> String {
    number.isInfinite ? (number < 0 ? "-Infinity" : "Infinity") : String(number)
  }

  /// Appends a value in a type's binary form.
  mutating func append(
    _ value: Value, as form: PostgresType.Form, field: FieldType?
  ) -> ParameterProblem? {
    switch form {
    case .int4: return append(integer: value, Int32.self)
    case .int8: return append(integer: value, Int64.self)
    case .int2: return append(integer: value, Int16.self)
    case .oid: return append(integer: value, UInt32.self)
    case .text: return append(string: value)
    case .json: return append(json: value, field: field)
    case .jsonb:
      append(1)
      return append(json: value, field: field)
    case .bytea: return append(binary: value, field: field)
    case .array(let element): return append(array: value, of: element, field: field)
    default: return appendRest(value, as: form)
    }
  }

  private mutating func appendRest(
    _ value: Value, as form: PostgresType.Form
  ) -> ParameterProblem? {
    switch (form, value) {
    case (.bool, .bool(let flag)): append(flag ? 1 : 0)
    case (.float8, _):
      guard let number = value.asDouble else { return .wrongType }
      append(bigEndian: number.bitPattern)
    case (.float4, _):
      guard let number = value.asDouble else { return .wrongType }
      append(bigEndian: Float(number).bitPattern)
    case (.numeric, .decimal(let number)):
      guard PostgresNumeric.append(number, to: &self) else { return .wrongType }
    case (.numeric, _):
      guard let number = value.asInt else { return .wrongType }
      return PostgresNumeric.append(Decimal128(number), to: &self) ? nil : .wrongType
    case (.timestamp, .date(let date)):
      guard let micro = PostgresMoment.microseconds(date) else { return .wrongType }
      append(bigEndian: UInt64(bitPattern: micro))
    case (.date, .date(let date)):
      guard let days = PostgresMoment.days(date) else { return .wrongType }
      append(bigEndian: UInt32(bitPattern: days))
    case (.uuid, .binary(let binary)) where binary.bytes.count == 16:
      append(contentsOf: binary.bytes)
    default: return .wrongType
    }
    return nil
  }

  private mutating func append<T: FixedWidthInteger>(
    integer value: Value, _ type: T.Type
  ) -> ParameterProblem? where T.Magnitude: UnsignedInteger {
    guard let wide = value.asInt, let number = T(exactly: wide) else { return .wrongType }
    append(bigEndian: T.Magnitude(truncatingIfNeeded: number))
    return nil
  }

  private mutating func append(string value: Value) -> ParameterProblem? {
    switch value {
    case .string(let text), .symbol(let text):
      append(contentsOf: text.utf8)
      return text.utf8.contains(0) ? .zeroCharacter : nil
    case .objectID(let id):
      append(contentsOf: id.description.utf8)
      return nil
    default: return .wrongType
    }
  }

  /// A string is JSON text where nothing says that the value is to become JSON.
  private mutating func append(json value: Value, field: FieldType?) -> ParameterProblem? {
    if case .string(let text) = value, field == nil {
      append(contentsOf: text.utf8)
    } else {
      append(contentsOf: JSONText.text(of: value).utf8)
    }
    return nil
  }

  private mutating func append(binary value: Value, field: FieldType?) -> ParameterProblem? {
    if field == .any {
      BSONWriter.append(element: value, to: &self)
      return nil
    }
    switch value {
    case .binary(let binary): append(contentsOf: binary.bytes)
    case .objectID(let id): append(contentsOf: id.bytes)
    case .document(let document): append(contentsOf: document.bson)
    default: return .wrongType
    }
    return nil
  }
}

// MARK: - Arrays

extension [UInt8] {
  /// Source: PostgreSQL, `src/backend/utils/adt/arrayfuncs.c`, `array_send`: dimensions, whether any
  /// element is null, element type, then length and lower bound of each dimension, then the elements
  /// with their lengths.
  private mutating func append(
    array value: Value, of element: PostgresType, field: FieldType?
  ) -> ParameterProblem? {
    guard let values = value.asArray else { return .wrongType }
    guard let lengths = Self.lengths(of: values) else { return .wrongType }
    var inner = field
    while case .array(let next)? = inner { inner = next }
    append(bigEndian: UInt32(lengths.count))
    let flag = count
    append(bigEndian: UInt32(0))
    append(bigEndian: element.oid)
    for length in lengths {
      append(bigEndian: UInt32(length))
      append(bigEndian: UInt32(1))
    }
    var hasNull = false
    let problem = append(elements: values, of: element, field: inner, &hasNull)
    if hasNull { store(bigEndian: 1, at: flag) }
    return problem
  }

  /// The length of each dimension, `nil` where rows differ in length: Postgres has no such arrays.
  private static func lengths(of values: [Value]) -> [Int]? {
    guard !values.isEmpty else { return [] }
    guard case .array(let first) = values[0] else {
      return values.contains { $0.asArray != nil } ? nil : [values.count]
    }
    guard let inner = lengths(of: first), !inner.isEmpty else { return nil }
    for value in values {
      guard let row = value.asArray, lengths(of: row) == inner else { return nil }
    }
    return [values.count] + inner
  }

  private mutating func append(
    elements values: [Value], of element: PostgresType, field: FieldType?, _ hasNull: inout Bool
  ) -> ParameterProblem? {
    for value in values {
      if case .array(let row) = value {
        if let problem = append(elements: row, of: element, field: field, &hasNull) {
          return problem
        }
        continue
      }
      let start = count
      if value.isNull {
        hasNull = true
        append(bigEndian: UInt32.max)
        continue
      }
      append(bigEndian: UInt32(0))
      if let problem = append(value, as: element.form, field: field) { return problem }
      store(bigEndian: UInt32(count - start - 4), at: start)
    }
    return nil
  }
}
