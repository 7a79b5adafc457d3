/// The order of values under an optional collation; without one it is ``Value/order(_:_:)``.
package struct ValueOrder: Sendable {
  /// How strings compare; `nil` compares their bytes.
  package let collation: Collation?

  /// The order under a collation.
  package init(_ collation: Collation? = nil) { self.collation = collation }

  /// The order under MongoDB's collation document.
  package init(_ collation: Document?) throws(PrivataError) {
    guard let collation, !collation.isEmpty else {
      self.collation = nil
      return
    }
    self.collation = try Collation(collation)
  }

  /// Negative, zero or positive as `a` sorts before, with or after `b`.
  package func compare(_ a: Value, _ b: Value) -> Int {
    guard let collation else { return Value.order(a, b) }
    switch (a, b) {
    case (.string(let x), .string(let y)): return collation.compare(x, y)
    case (.array(let x), .array(let y)): return compare(x, y)
    case (.document(let x), .document(let y)): return compare(x, y)
    default: return Value.order(a, b)
    }
  }

  /// True where the two are the same value, whatever their numeric type.
  package func equal(_ a: Value, _ b: Value) -> Bool {
    collation == nil ? Value.equals(a, b) : compare(a, b) == 0
  }

  private func compare(_ a: [Value], _ b: [Value]) -> Int {
    for (x, y) in zip(a, b) {
      let order = compare(x, y)
      if order != 0 { return order }
    }
    return a.count - b.count
  }

  private func compare(_ a: Document, _ b: Document) -> Int {
    let left = a.elements
    let right = b.elements
    for (x, y) in zip(left, right) {
      if x.value.orderClass != y.value.orderClass { return x.value.orderClass - y.value.orderClass }
      if x.key != y.key { return Value.order(.string(x.key), .string(y.key)) }
      let order = compare(x.value, y.value)
      if order != 0 { return order }
    }
    return left.count - right.count
  }
}

extension Value {
  /// True for the four numeric types.
  package var isNumber: Bool { orderClass == 10 }

  /// MongoDB's truth of a value: false for false, zero, null and undefined; true for all else.
  package var isTruthy: Bool {
    switch self {
    case .bool(let value): value
    case .null, .undefined: false
    case .int32(let value): value != 0
    case .int64(let value): value != 0
    case .double(let value): value != 0
    case .decimal: !Value.equals(self, .int32(0))
    default: true
    }
  }
}
