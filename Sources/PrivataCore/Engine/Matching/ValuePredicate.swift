/// A condition on one value, or on its absence (`nil`).
enum ValuePredicate: Sendable {
  case compare(Filter.Comparison, Value)
  case isIn(InList)
  case pattern(Pattern, RegularExpression)
  case exists
  case type(TypeSet)
  case modulo(divisor: Int64, remainder: Int64)
  case bits(BitTest)
  case schema(JSONSchema)
}

extension ValuePredicate {
  /// True where the value satisfies the condition.
  func matches(_ value: Value?, _ order: ValueOrder) -> Bool {
    switch self {
    case .compare(let comparison, let operand): comparison.holds(value, operand, order)
    case .isIn(let list): list.contains(value, order)
    case .pattern(let pattern, let expression): Self.matches(value, pattern, expression)
    case .exists: value != nil
    case .type(let types): value.map(types.contains) ?? false
    case .modulo(let divisor, let remainder):
      value?.truncated.map { divisor == -1 ? remainder == 0 : $0 % divisor == remainder } ?? false
    case .bits(let test): value.map(test.matches) ?? false
    case .schema(let schema): value.map { schema.accepts($0, order) } ?? true
    }
  }

  /// Strings and symbols match by the pattern, stored regular expressions by being the same.
  static func matches(
    _ value: Value?, _ pattern: Pattern, _ expression: RegularExpression
  ) -> Bool {
    switch value {
    case .string(let text), .symbol(let text): pattern.matches(text)
    case .regex(let stored): stored == expression
    default: false
    }
  }
}

extension Filter.Comparison {
  /// MongoDB's comparison: only values of one type bracket compare, but for null with missing and
  /// for the least and greatest keys.
  func holds(_ value: Value?, _ operand: Value, _ order: ValueOrder) -> Bool {
    let left = value?.orderClass ?? 0
    let right = operand.orderClass
    guard left == right, let value else {
      // A missing value and undefined have the rank 0, null 5: they compare as equal.
      if left + right == 5 {
        return self == .equal || self == .lessOrEqual || self == .greaterOrEqual
      }
      switch operand {
      case .maxKey: return self == .less || self == .lessOrEqual
      case .minKey: return self == .greater || self == .greaterOrEqual
      default: return false
      }
    }
    if right == 10, value.isNaN != operand.isNaN { return self == .notEqual }
    return accepts(order.compare(value, operand))
  }

  /// True where the comparison allows this order of its two sides.
  func accepts(_ order: Int) -> Bool {
    switch self {
    case .equal: order == 0
    case .notEqual: order != 0
    case .less: order < 0
    case .lessOrEqual: order <= 0
    case .greater: order > 0
    case .greaterOrEqual: order >= 0
    }
  }
}

/// The operand of `$in`.
struct InList: Sendable {
  /// Values whose equality is exact, for a look-up by hash.
  let exact: Set<Value>
  /// Strings, which compare by their bytes unless a collation says otherwise.
  let strings: Set<String>
  let others: [Value]
  let hasNull: Bool
  let patterns: [(Pattern, RegularExpression)]

  /// The list of these values.
  init(_ values: [Value]) throws(PrivataError) {
    var exact: Set<Value> = []
    var strings: Set<String> = []
    var others: [Value] = []
    var patterns: [(Pattern, RegularExpression)] = []
    var hasNull = false
    for value in values {
      switch value {
      case .null: hasNull = true
      case .objectID, .bool, .date: exact.insert(value)
      case .string(let text): strings.insert(text)
      case .regex(let expression): patterns.append((try Pattern(expression), expression))
      default: others.append(value)
      }
    }
    self.exact = exact
    self.strings = strings
    self.others = others
    self.patterns = patterns
    self.hasNull = hasNull
  }

  /// True where the list holds the value or a pattern that it matches.
  func contains(_ value: Value?, _ order: ValueOrder) -> Bool {
    guard let value, !value.isNull else { return hasNull }
    switch value {
    case .objectID, .bool, .date: return exact.contains(value)
    case .string(let text), .symbol(let text):
      if contains(text, order) { return true }
    default:
      if others.contains(where: { $0.orderClass == value.orderClass && order.equal($0, value) }) {
        return true
      }
    }
    return patterns.contains { ValuePredicate.matches(value, $0.0, $0.1) }
  }

  private func contains(_ text: String, _ order: ValueOrder) -> Bool {
    if let collation = order.collation {
      return strings.contains { collation.compare($0, text) == 0 }
    }
    return strings.contains(text) || others.contains { order.equal($0, .string(text)) }
  }
}

extension Value {
  /// True for a number that is not a number.
  var isNaN: Bool {
    switch self {
    case .double(let value): value.isNaN
    case .decimal(let value): value.isNaN
    default: false
    }
  }

  /// The number without its fraction, `nil` for other types and for what 64 bits do not hold.
  var truncated: Int64? {
    switch self {
    case .int32(let value): Int64(value)
    case .int64(let value): value
    case .double(let value): Int64(exactly: value.rounded(.towardZero))
    case .decimal(let value): value.truncatedInt64
    default: nil
    }
  }
}
