extension ExpressionCompiler {
  /// Converting between types, and asking for them.
  static let conversionOperators: [String: Operator] = {
    var operators: [String: Operator] = [
      "$type": unary { value, _ in .string(typeName(value)) },
      "$isNumber": unary { value, _ in .bool(value?.isNumber ?? false) },
      "$convert": convert,
    ]
    for (name, type) in [
      ("$toBool", "bool"), ("$toDate", "date"), ("$toDecimal", "decimal"), ("$toDouble", "double"),
      ("$toInt", "int"), ("$toLong", "long"), ("$toObjectId", "objectId"), ("$toString", "string"),
    ] {
      operators[name] = nullable { (value, _) throws(PrivataError) in try value.converted(to: type)
      }
    }
    return operators
  }()

  private static let convert: Operator = { (name, operand, compiler) throws(PrivataError) in
    let document = try object(name, operand, 9)
    try refuseOthers(document, ["input", "to", "onError", "onNull"], 9, name)
    guard let input = document["input"] else {
      throw .rejected(9, "Missing 'input' parameter to $convert")
    }
    guard let target = document["to"] else {
      throw .rejected(9, "Missing 'to' parameter to $convert")
    }
    let source = try compiler.compile(input)
    let type = try compiler.compile(target)
    let onError = try document["onError"].map { (value) throws(PrivataError) in
      try compiler.compile(value)
    }
    let onNull = try document["onNull"].map { (value) throws(PrivataError) in
      try compiler.compile(value)
    }
    return { (context) throws(PrivataError) in
      let wanted = try typeName(of: type(context))
      guard let value = try source(context), !value.isNull else {
        if let onNull { return try onNull(context) }
        return .null
      }
      guard let wanted else { return .null }
      do throws(PrivataError) {
        return try value.converted(to: wanted)
      } catch {
        guard let onError else { throw error }
        return try onError(context)
      }
    }
  }

  /// The type that `$convert`'s `to` names; `nil` for null.
  private static func typeName(of value: Value?) throws(PrivataError) -> String? {
    guard let value, !value.isNull else { return nil }
    if case .string(let name) = value {
      guard TypeSet.aliases[name]?.count == 1 else {
        throw .rejected(2, "Unknown type name in $convert's 'to'")
      }
      return name
    }
    guard value.isNumber else {
      throw .rejected(
        9, "$convert's 'to' argument must be a string or number, but is \(value.typeName)")
    }
    guard let number = value.exactInteger else {
      throw .rejected(9, "In $convert, numeric 'to' argument is not an integer")
    }
    guard let name = TypeSet.aliases.first(where: { $0.value == [Int(number)] })?.key else {
      throw .rejected(9, "In $convert, numeric value for 'to' does not correspond to a BSON type")
    }
    return name
  }
}

extension Value {
  /// The value as another type, by the rules of `$convert`.
  func converted(to type: String) throws(PrivataError) -> Value {
    let result: Value? =
      switch type {
      case "bool": asBoolValue
      case "int": try asInteger(type, Int32.self).map { .int32($0) }
      case "long": try asInteger(type, Int64.self).map { .int64($0) }
      case "double": try asDoubleValue()
      case "decimal": try asDecimalValue()
      case "string": plainText.map { .string($0) }
      case "date": try asDateValue()
      case "objectId": try asObjectIDValue()
      default: typeName == type ? self : Value?.none
      }
    guard let result else { throw unsupported(type) }
    return result
  }

  private func unsupported(_ type: String) -> PrivataError {
    .rejected(241, "Unsupported conversion from \(typeName) to \(type) in $convert")
  }

  private func failed(_ type: String, _ why: String) -> PrivataError {
    .rejected(241, "Failed to convert \(typeName) to \(type) in $convert: \(why)")
  }

  private var asBoolValue: Value? {
    switch self {
    case .bool: self
    case .int32, .int64, .double, .decimal: .bool(isTruthy)
    case .string, .date, .objectID, .document, .array, .binary, .regex, .code, .timestamp, .minKey,
      .maxKey, .symbol, .dbPointer:
      .bool(true)
    default: nil
    }
  }

  private func asInteger<I: FixedWidthInteger & SignedInteger>(
    _ type: String, _: I.Type
  ) throws(PrivataError) -> I? {
    switch self {
    case .bool(let value): return value ? 1 : 0
    case .date(let value) where I.bitWidth == 64: return I(exactly: value.milliseconds)
    case .string(let text):
      guard let number = I(text) else { throw failed(type, "the text is no such number") }
      return number
    case .int32, .int64, .double, .decimal:
      if isNaN { throw failed(type, "NaN") }
      guard let number = truncated.flatMap({ I(exactly: $0) }) else {
        throw failed(type, "overflow")
      }
      return number
    default: return nil
    }
  }

  private func asDoubleValue() throws(PrivataError) -> Value? {
    switch self {
    case .bool(let value): return .double(value ? 1 : 0)
    case .date(let value): return .double(Double(value.milliseconds))
    case .string(let text):
      let isPlain = text.utf8.allSatisfy { $0 > 32 && $0 | 32 != 0x78 }
      guard !text.isEmpty, isPlain, let number = Double(text) else {
        throw failed("double", "the text is no number")
      }
      return .double(number)
    default:
      guard let number = numberAsDouble else { return nil }
      if case .decimal(let decimal) = self, decimal.isFinite, number.isInfinite {
        throw failed("double", "overflow")
      }
      return .double(number)
    }
  }

  private func asDecimalValue() throws(PrivataError) -> Value? {
    switch self {
    case .bool(let value): return .decimal(Decimal128(value ? 1 : 0))
    case .date(let value): return .decimal(Decimal128(value.milliseconds))
    case .string(let text):
      guard let number = Decimal128(rounding: text) else {
        throw failed("decimal", "the text is no number")
      }
      return .decimal(number)
    default: return asDecimal.map { .decimal($0) }
    }
  }

  private func asDateValue() throws(PrivataError) -> Value? {
    switch self {
    case .date: return self
    case .objectID(let id): return .date(id.createdAt)
    case .timestamp(let stamp): return .date(DateTime(milliseconds: Int64(stamp.seconds) * 1000))
    case .string(let text):
      guard let date = DateFormat.parse(text, zone: nil) else {
        throw failed("date", "the text is no date")
      }
      return .date(date)
    case .int64, .double, .decimal:
      guard let milliseconds = truncated else { throw failed("date", "overflow") }
      return .date(DateTime(milliseconds: milliseconds))
    default: return nil
    }
  }

  private func asObjectIDValue() throws(PrivataError) -> Value? {
    switch self {
    case .objectID: return self
    case .string(let text):
      guard let id = ObjectID(text) else { throw failed("objectId", "the text is no object id") }
      return .objectID(id)
    default: return nil
    }
  }
}
