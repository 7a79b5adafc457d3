/// MongoDB's `distinct`: the different values of a path over documents, arrays by their elements, in
/// the order in which they are met.
///
/// ```swift
/// var values = try DistinctValues("tags")
/// values.add(["tags": ["a", "b"]])
/// values.values  // [.string("a"), .string("b")]
/// ```
package struct DistinctValues: Sendable {
  private let path: DottedPath
  private let order: ValueOrder
  /// The values by what they compare as, so that `1` and `1.0` are one.
  private var seen: Set<Value> = []
  /// The values so far.
  package private(set) var values: [Value] = []

  /// A collection for a path.
  package init(_ path: String, collation: Document? = nil) throws(PrivataError) {
    self.path = DottedPath(path)
    order = try ValueOrder(collation)
  }

  /// Adds the values of a document.
  package mutating func add(_ document: Document) {
    var found: [Value] = []
    collect(.document(document), path.parts[...], into: &found)
    for value in found where seen.insert(order.key(value)).inserted { values.append(value) }
  }
}

extension DistinctValues {
  /// In an array a number names a position and nothing else; any other name goes to its documents.
  private func collect(_ value: Value, _ parts: ArraySlice<String>, into found: inout [Value]) {
    guard let first = parts.first else {
      if case .array(let items) = value { found += items } else { found.append(value) }
      return
    }
    switch value {
    case .document(let document):
      if let inner = document[first] { collect(inner, parts.dropFirst(), into: &found) }
    case .array(let items):
      if let index = DottedPath.index(first) {
        if index < items.count { collect(items[index], parts.dropFirst(), into: &found) }
        return
      }
      for case .document(let document) in items {
        collect(.document(document), parts, into: &found)
      }
    default: break
    }
  }
}

extension ValueOrder {
  /// A value that is the same, by Swift's equality, for all values that compare as equal: for hash
  /// tables.
  package func key(_ value: Value) -> Value {
    switch value {
    case .int32(let number): return .int64(Int64(number))
    case .double(let number):
      if number.isNaN { return .symbol("NaN") }
      return Int64(exactly: number).map(Value.int64) ?? value
    case .decimal(let number): return decimalKey(number)
    case .string(let text):
      // Bytes, because Swift takes canonically equivalent texts for the same.
      return .binary(Binary(Array((collation?.key(text) ?? text).utf8), subtype: 0xFF))
    case .symbol(let text): return key(.string(text))
    case .array(let items): return .array(items.map(key))
    case .document(let document):
      return .document(
        Document(document.elements.map { .init(key: $0.key, value: key($0.value)) }))
    default: return value
    }
  }

  private func decimalKey(_ number: Decimal128) -> Value {
    if number.isNaN { return .symbol("NaN") }
    if let integer = Int64(exactly: number) { return .int64(integer) }
    let double = Double(number)
    if Value.equals(.double(double), .decimal(number)) { return .double(double) }
    return .decimal(number.normalized)
  }
}

extension Decimal128 {
  /// The same number without zeros at the end of its digits.
  fileprivate var normalized: Decimal128 {
    guard isFinite else { return self }
    var coefficient = coefficient
    var exponent = exponent
    while coefficient != 0, coefficient.isMultiple(of: 10), exponent < Self.exponents.upperBound {
      coefficient /= 10
      exponent += 1
    }
    return Decimal128(negative: isNegative, coefficient: coefficient, exponent: exponent)
  }
}
