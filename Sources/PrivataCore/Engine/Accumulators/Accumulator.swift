/// What `$group` collects over documents, and some operators over arrays: `$sum`, `$push`, `$top`...
enum Accumulator: Sendable {
  case sum(Total)
  case average(Total)
  case least(Value?)
  case greatest(Value?)
  case first(Value?, isSet: Bool)
  case last(Value?)
  case push([Value])
  case set([Value], Set<Value>)
  case merge(Document)
  case deviation(Deviation, isSample: Bool)
  case count(Int64)
  case some(SomeKind, Int, [Value])
  case ranked(RankedKind, Int?, [(key: [Value], output: Value)])

  enum SomeKind: Sendable { case first, last, least, greatest }
  enum RankedKind: Sendable { case top, bottom }

  /// Takes a value; `nil` is a missing one.
  mutating func add(_ value: Value?, _ order: ValueOrder) throws(PrivataError) {
    switch self {
    case .sum(var total):
      if let value { total.add(value) }
      self = .sum(total)
    case .average(var total):
      if let value { total.add(value) }
      self = .average(total)
    case .least(let best):
      guard let value, !value.isNull else { return }
      if let best, order.compare(best, value) <= 0 { return }
      self = .least(value)
    case .greatest(let best):
      guard let value, !value.isNull else { return }
      if let best, order.compare(best, value) >= 0 { return }
      self = .greatest(value)
    case .first(_, let isSet):
      if !isSet { self = .first(value, isSet: true) }
    case .last: self = .last(value)
    case .push(var items):
      self = .push([])
      if let value { items.append(value) }
      self = .push(items)
    case .set(var items, var seen):
      self = .set([], [])
      if let value, seen.insert(order.key(value)).inserted { items.append(value) }
      self = .set(items, seen)
    case .count(let count): self = .count(count + 1)
    case .deviation(var deviation, let isSample):
      if let number = value?.numberAsDouble { deviation.add(number) }
      self = .deviation(deviation, isSample: isSample)
    case .merge(var document):
      guard let value, !value.isNull else { return }
      guard case .document(let other) = value else {
        throw .rejected(
          40400, "$mergeObjects requires object inputs, but input is of type \(value.typeName)")
      }
      for element in other.elements { document[element.key] = element.value }
      self = .merge(document)
    case .some(let kind, let count, var items):
      self = .some(kind, count, [])
      Self.add(value, to: &items, kind, count)
      self = .some(kind, count, items)
    case .ranked: break
    }
  }

  private static func add(_ value: Value?, to items: inout [Value], _ kind: SomeKind, _ count: Int)
  {
    switch kind {
    case .first: if items.count < count { items.append(value ?? .null) }
    case .last:
      items.append(value ?? .null)
      if items.count > count { items.removeFirst() }
    case .least, .greatest:
      if let value, !value.isNull { items.append(value) }
    }
  }

  /// What has been collected.
  func result(_ order: ValueOrder) -> Value {
    switch self {
    case .sum(let total): return total.value
    case .average(let total): return total.average ?? .null
    case .least(let value), .greatest(let value), .first(let value, _), .last(let value):
      return value ?? .null
    case .push(let items), .set(let items, _): return .array(items)
    case .merge(let document): return .document(document)
    case .deviation(let deviation, let isSample): return deviation.value(isSample: isSample)
    case .count(let count): return Value.int64(count).narrowed ?? .int64(count)
    case .some(let kind, let count, let items):
      switch kind {
      case .first, .last: return .array(items)
      case .least: return .array(Array(PushOperation.stable(items, order.compare).prefix(count)))
      case .greatest:
        return .array(Array(PushOperation.stable(items) { -order.compare($0, $1) }.prefix(count)))
      }
    case .ranked(_, let count, let rows):
      let outputs = rows.map(\.output)
      return count == nil ? outputs.first ?? .null : .array(outputs)
    }
  }
}

/// A sum that keeps the widest type that it met.
struct Total: Sendable {
  private var integers: Int64 = 0
  private var isWide = false
  private var doubles = 0.0
  /// What adding to `doubles` lost (Neumaier's compensation), as MongoDB sums with two doubles.
  private var lost = 0.0
  private var hasDoubles = false
  private var decimals: Decimal128?
  private(set) var count = 0

  /// Adds a number; other values do not count.
  mutating func add(_ value: Value) {
    guard value.isNumber else { return }
    count += 1
    switch value {
    case .int32(let number): add(Int64(number))
    case .int64(let number):
      isWide = true
      add(number)
    case .double(let number):
      hasDoubles = true
      add(number)
    case .decimal(let number): decimals = decimals.map { $0 + number } ?? number
    default: break
    }
  }

  private mutating func add(_ number: Int64) {
    let (sum, isOverflowing) = integers.addingReportingOverflow(number)
    if isOverflowing {
      hasDoubles = true
      add(Double(number))
    } else {
      integers = sum
    }
  }

  private mutating func add(_ number: Double) {
    let sum = doubles + number
    if sum.isFinite {
      lost += abs(doubles) >= abs(number) ? (doubles - sum) + number : (number - sum) + doubles
    }
    doubles = sum
  }

  /// The sum.
  var value: Value {
    if let decimals { return .decimal(decimals + decimal) }
    if hasDoubles { return .double(double) }
    if isWide { return .int64(integers) }
    return Value.int64(integers).narrowed ?? .int64(integers)
  }

  /// The mean; `nil` of no numbers.
  var average: Value? {
    guard count > 0 else { return nil }
    if let decimals { return .decimal((decimals + decimal) / Decimal128(count)) }
    return .double(double / Double(count))
  }

  private var double: Double { (doubles + Double(integers)) + lost }

  private var decimal: Decimal128 {
    (hasDoubles ? Decimal128(doubles + lost) : .zero) + Decimal128(integers)
  }
}

/// Standard deviation by Welford's method.
struct Deviation: Sendable {
  private var count = 0.0
  private var mean = 0.0
  private var squares = 0.0

  mutating func add(_ number: Double) {
    count += 1
    let difference = number - mean
    mean += difference / count
    squares += difference * (number - mean)
  }

  func value(isSample: Bool) -> Value {
    let divisor = isSample ? count - 1 : count
    return divisor > 0 ? .double((squares / divisor).squareRoot()) : .null
  }
}
