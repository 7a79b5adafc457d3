extension UpdateOperation {
  /// True where the operation does nothing when its path ends in a value that has no fields.
  func passesOver(_ context: UpdateContext) -> Bool {
    switch self {
    case .unset, .renameFrom: true
    case .setOnInsert: !context.isInsert
    case .renameTo(let source, _): source.value(in: context.original) == nil
    default: false
    }
  }

  /// The value after the operation; `nil` where there is none.
  func apply(
    to value: Value?, _ path: String, _ context: UpdateContext
  ) throws(PrivataError) -> Value? {
    switch self {
    case .set(let new): return new
    case .setOnInsert(let new): return context.isInsert ? new : value
    case .unset: return nil
    case .increment(let amount):
      guard let value else { return amount }
      return try Self.arithmetic("$inc", value, path) { Arithmetic.add($0, amount, .refused) }
    case .multiply(let factor):
      guard let value else { return Arithmetic.multiply(factor, .int32(0)) }
      return try Self.arithmetic("$mul", value, path) { Arithmetic.multiply($0, factor, .refused) }
    case .minimum(let bound):
      guard let value else { return bound }
      return context.order.compare(bound, value) < 0 ? bound : value
    case .maximum(let bound):
      guard let value else { return bound }
      return context.order.compare(bound, value) > 0 ? bound : value
    case .currentDate(let isTimestamp):
      guard isTimestamp else { return .date(context.now) }
      let seconds = UInt32(truncatingIfNeeded: context.now.milliseconds / 1000)
      return .timestamp(Timestamp(seconds: seconds, increment: 1))
    case .bit(let operations): return try Self.bitwise(operations, value, path)
    case .renameFrom: return nil
    case .renameTo(let source, let target):
      guard let moved = source.value(in: context.original) else { return value }
      guard source.text != "_id", target.text != "_id" else {
        throw .rejected(66, "$rename would modify the immutable field '_id'", fields: ["_id"])
      }
      return moved
    default: return try applyToArray(value, path, context)
    }
  }

  private func applyToArray(
    _ value: Value?, _ path: String, _ context: UpdateContext
  ) throws(PrivataError) -> Value? {
    switch self {
    case .push(let push):
      return .array(try push.apply(to: try Self.array(value, path, code: 2) ?? [], context.order))
    case .addToSet(let members):
      var items = try Self.array(value, path, code: 2) ?? []
      for member in members where !items.contains(where: { context.order.equal($0, member) }) {
        items.append(member)
      }
      return .array(items)
    case .pull(let condition):
      guard let items = try Self.array(value, path, code: 2) else { return nil }
      var kept: [Value] = []
      for item in items where try !condition.matches(item) { kept.append(item) }
      return .array(kept)
    case .pullAll(let unwanted):
      guard let items = try Self.array(value, path, code: 2) else { return nil }
      return .array(items.filter { item in !unwanted.contains { context.order.equal($0, item) } })
    case .pop(let first):
      guard var items = try Self.array(value, path, code: 14) else { return nil }
      if !items.isEmpty { items.remove(at: first ? 0 : items.count - 1) }
      return .array(items)
    default: return value
    }
  }

  private static func array(
    _ value: Value?, _ path: String, code: Int
  ) throws(PrivataError) -> [Value]? {
    switch value {
    case nil: return nil
    case .array(let items)?: return items
    case let value?:
      throw .rejected(
        code, "The field '\(path)' must be an array but is of type \(value.typeName)",
        fields: [path])
    }
  }

  private static func arithmetic(
    _ name: String, _ value: Value, _ path: String, _ combine: (Value) -> Value?
  ) throws(PrivataError) -> Value {
    guard value.isNumber else {
      throw .rejected(
        14, "Cannot apply \(name) to a value of non-numeric type \(value.typeName)", fields: [path])
    }
    guard let result = combine(value) else {
      throw .rejected(
        2, "Failed to apply \(name) operations to current value: overflow", fields: [path])
    }
    return result
  }

  private static func bitwise(
    _ operations: [(BitwiseKind, Value)], _ value: Value?, _ path: String
  ) throws(PrivataError) -> Value {
    var result: Value
    switch value {
    case nil: result = .int32(0)
    case .int32?, .int64?: result = value ?? .int32(0)
    case let value?:
      throw .rejected(
        2, "Cannot apply $bit to a value of non-integral type \(value.typeName)", fields: [path])
    }
    for (kind, operand) in operations {
      guard let a = result.exactInteger, let b = operand.exactInteger else { continue }
      let bits: Int64 =
        switch kind {
        case .and: a & b
        case .or: a | b
        case .xor: a ^ b
        }
      if case .int32 = result, case .int32 = operand {
        result = .int32(Int32(truncatingIfNeeded: bits))
      } else {
        result = .int64(bits)
      }
    }
    return result
  }
}

extension Assignment {
  /// Carries out a typed change; numbers follow SQL, where null stays null.
  func apply(to document: inout Document) throws(PrivataError) {
    switch operation {
    case .set: document[field] = value
    case .unset: document[field] = nil
    case .push:
      var items = document[field]?.asArray ?? []
      if case .array(let more) = value { items += more } else { items.append(value) }
      document[field] = .array(items)
    case .increment, .decrement, .multiply, .divide:
      guard let old = document[field], !old.isNull, !value.isNull else { return }
      guard let new = try computed(old) else {
        throw PrivataError(
          .wrongType, "\(operation) takes numbers within their range", fields: [field])
      }
      document[field] = new
    }
  }

  private func computed(_ old: Value) throws(PrivataError) -> Value? {
    switch operation {
    case .increment: return Arithmetic.add(old, value, .refused)
    case .decrement: return Arithmetic.subtract(old, value, .refused)
    case .multiply: return Arithmetic.multiply(old, value, .refused)
    default:
      guard value.isTruthy else {
        throw PrivataError(.rejectedByStore, "division by zero", fields: [field])
      }
      // Integers divide as in SQL, towards zero.
      guard let a = old.integerOnly, let b = value.integerOnly else {
        return Arithmetic.divide(old, value)
      }
      let (quotient, isOverflowing) = a.dividedReportingOverflow(by: b)
      guard !isOverflowing else { return nil }
      if case .int32 = old { return Value.int64(quotient).narrowed ?? .int64(quotient) }
      return .int64(quotient)
    }
  }
}

extension Value {
  /// The integer of the two integer types.
  fileprivate var integerOnly: Int64? {
    switch self {
    case .int32(let value): Int64(value)
    case .int64(let value): value
    default: nil
    }
  }
}
