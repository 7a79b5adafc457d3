internal import PrivataCore

extension FieldSchema {
  /// The value as the field's type, from the forms that Prisma's client takes: numbers for decimals,
  /// ISO 8601 text for dates, a name for an enumeration.
  ///
  /// - Throws: a refusal that names the field and the type, never the value.
  func coerce(_ value: Value, model: String) throws(PrivataError) -> Value {
    if value.isNull {
      guard isOptional else {
        throw .refused("'\(name)' cannot be null", model: model, fields: [name])
      }
      return .null
    }
    guard let coerced = Self.coerce(value, to: type), allowed(coerced) else {
      throw .refused("'\(name)' takes \(typeName)", model: model, fields: [name])
    }
    return coerced
  }

  private func allowed(_ value: Value) -> Bool {
    guard !allowed.isEmpty, case .string(let text) = value else { return true }
    return allowed.contains(text)
  }

  private var typeName: String {
    allowed.isEmpty ? "a value of its type (\(type))" : "one of its enumeration's names"
  }

  private static func coerce(_ value: Value, to type: FieldType) -> Value? {
    switch (type, value) {
    case (.string, .string), (.varchar, .string), (.bool, .bool), (.date, .date),
      (.objectID, .objectID), (.binary, .binary), (.uuid, .binary), (.decimal, .decimal):
      value
    case (.int32, _): value.asInt.flatMap { Int32(exactly: $0) }.map { .int32($0) }
    case (.int64, _): value.asInt.map { .int64(Int64($0)) }
    // Not every store keeps NaN and the infinities, and none compares them as numbers.
    case (.double, _), (.number, _):
      value.asDouble.flatMap { $0.isFinite ? .double($0) : Value?.none }
    case (.decimal, .string(let text)): Decimal128(text).map { .decimal($0) }
    case (.decimal, .int32(let number)): Decimal128("\(number)").map { .decimal($0) }
    case (.decimal, .int64(let number)): Decimal128("\(number)").map { .decimal($0) }
    case (.decimal, .double(let number)): Decimal128("\(number)").map { .decimal($0) }
    case (.date, .string(let text)): DateTime(iso8601: text).map { .date($0) }
    case (.objectID, .string(let text)): ObjectID(text).map { .objectID($0) }
    case (.array(let element), .array(let values)): list(values, of: element)
    case (.json, _), (.any, _), (.document, .document): value
    default: nil
    }
  }

  private static func list(_ values: [Value], of element: FieldType) -> Value? {
    var coerced: [Value] = []
    for value in values {
      guard let one = coerce(value, to: element) else { return nil }
      coerced.append(one)
    }
    return .array(coerced)
  }

  /// The element's field, for conditions on a list's members.
  var element: FieldSchema {
    guard case .array(let element) = type else { return self }
    return FieldSchema(name, element, allowed: allowed)
  }

  /// True for `Int[]` and the like.
  var isList: Bool { if case .array = type { true } else { false } }
}
