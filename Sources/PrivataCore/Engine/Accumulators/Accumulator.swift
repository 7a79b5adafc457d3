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
      if Self.isBetter(value, than: best, order, -1) { self = .least(value) }
    case .greatest(let best):
      if Self.isBetter(value, than: best, order, 1) { self = .greatest(value) }
    case .first(_, let isSet):
      if !isSet { self = .first(value, isSet: true) }
    case .last: self = .last(value)
    case .count(let count): self = .count(count + 1)
    case .deviation(var deviation, let isSample):
      if let number = value?.numberAsDouble { deviation.add(number) }
      self = .deviation(deviation, isSample: isSample)
    case .push, .set, .some: collect(value, order)
    case .merge(var document):
      try document.merge(value)
      self = .merge(document)
    case .ranked: break
    }
  }

  /// True where a value takes the place of the best so far: one on the wanted side of it.
  private static func isBetter(
    _ value: Value?, than best: Value?, _ order: ValueOrder, _ side: Int
  ) -> Bool {
    guard let value, !value.isNull else { return false }
    guard let best else { return true }
    return order.compare(value, best).signum() == side
  }

  // The list leaves `self` before it grows, so that it is not copied.
  private mutating func collect(_ value: Value?, _ order: ValueOrder) {
    switch self {
    case .push(var items):
      self = .push([])
      if let value { items.append(value) }
      self = .push(items)
    case .set(var items, var seen):
      self = .set([], [])
      if let value, seen.insert(order.key(value)).inserted { items.append(value) }
      self = .set(items, seen)
    case .some(let kind, let count, var items):
      self = .some(kind, count, [])
      Self.add(value, to: &items, kind, count)
      self = .some(kind, count, items)
    default: break
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

extension Document {
  /// Takes over the elements of another document; a missing value or null has none.
  fileprivate mutating func merge(_ value: Value?) throws(PrivataError) {
    guard let value, !value.isNull else { return }
    guard case .document(let other) = value else {
      throw .rejected(
        5911200, "$mergeObjects only supports objects, but input is of type \(value.typeName)")
    }
    for element in other.elements { self[element.key] = element.value }
  }
}
