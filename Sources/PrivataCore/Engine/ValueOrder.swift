/// The order of values under an optional collation; without one it is ``Value/order(_:_:)``.
package struct ValueOrder: Sendable {
  /// How strings compare; `nil` compares their bytes.
  package let collation: Collation?

  /// The order under a collation.
  package init(_ collation: Collation? = nil) { self.collation = collation }

  /// The order under MongoDB's collation document.
  package init(_ collation: Document?) throws(PrivataError) {
    guard let collation else { return self.init(nil as Collation?) }
    self.init(try Collation(collation))
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
      if x.value.bracket != y.value.bracket { return x.value.bracket - y.value.bracket }
      if x.key != y.key { return Value.order(.string(x.key), .string(y.key)) }
      let order = compare(x.value, y.value)
      if order != 0 { return order }
    }
    return left.count - right.count
  }
}

extension Value {
  /// The rank of the value's type in MongoDB's order; comparisons hold only within one rank.
  ///
  /// Source: MongoDB manual, "Comparison/Sort Order".
  package var bracket: Int {
    switch self {
    case .minKey: -1
    case .undefined: 0
    case .null: 5
    case .int32, .int64, .double, .decimal: 10
    case .string, .symbol: 15
    case .document: 20
    case .array: 25
    case .binary: 30
    case .objectID: 35
    case .bool: 40
    case .date: 45
    case .timestamp: 47
    case .regex: 50
    case .dbPointer: 55
    case .code(_, scope: nil): 60
    case .code: 65
    case .maxKey: 127
    }
  }

  /// True for the four numeric types.
  package var isNumber: Bool { bracket == 10 }

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
