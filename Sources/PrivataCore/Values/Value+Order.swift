// MongoDB's comparison order of BSON values.
//
// Source: MongoDB manual, "Comparison/Sort Order".

extension Value {
  /// -1, 0 or 1 as `a` sorts before, with or after `b` by MongoDB's rules: first by type (MinKey,
  /// undefined, null, numbers, strings, documents, arrays, binary, object ids, Booleans, dates,
  /// timestamps, regular expressions, pointers, code, MaxKey), then by value, numbers of all types
  /// together and exactly.
  ///
  /// ```swift
  /// Value.order(.int32(1), .double(1))     // 0
  /// Value.order(.string("a"), .int32(10))  // 1
  /// ```
  public static func order(_ a: Value, _ b: Value) -> Int {
    let (left, right) = (a.orderClass, b.orderClass)
    return left == right ? sameClassOrder(a, b) : left < right ? -1 : 1
  }

  /// True where two values are equal by MongoDB's rules: as ``order(_:_:)`` answers 0.
  ///
  /// ```swift
  /// Value.equals(.int32(1), .double(1))  // true
  /// ```
  public static func equals(_ a: Value, _ b: Value) -> Bool { order(a, b) == 0 }

  /// The order of types.
  var orderClass: Int {
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

  private static func sameClassOrder(_ a: Value, _ b: Value) -> Int {
    switch (a, b) {
    case (.string(let a), .string(let b)): order(utf8: a, b)
    case (.objectID(let a), .objectID(let b)): order(of: a, b)
    case (.date(let a), .date(let b)): order(of: a, b)
    case (.bool(let a), .bool(let b)): order(of: a ? 1 : 0, b ? 1 : 0)
    case (.document(let a), .document(let b)): Document.order(a, b)
    case (.array(let a), .array(let b)): order(a, b)
    case (.timestamp(let a), .timestamp(let b)): order(of: a, b)
    case (.binary(let a), .binary(let b)): order(a, b)
    default: rareOrder(a, b)
    }
  }

  private static func rareOrder(_ a: Value, _ b: Value) -> Int {
    switch (a, b) {
    case (.string(let a), .symbol(let b)), (.symbol(let a), .string(let b)),
      (.symbol(let a), .symbol(let b)):
      return order(utf8: a, b)
    case (.regex(let a), .regex(let b)):
      let patterns = order(utf8: a.pattern, b.pattern)
      return patterns != 0 ? patterns : order(utf8: a.options, b.options)
    case (.code(let a, let aScope), .code(let b, let bScope)):
      let codes = order(utf8: a, b)
      guard codes == 0, let aScope, let bScope else { return codes }
      return Document.order(aScope, bScope)
    case (.dbPointer(let a, let aID), .dbPointer(let b, let bID)):
      let sizes = order(of: a.utf8.count, b.utf8.count)
      let names = sizes != 0 ? sizes : order(utf8: a, b)
      return names != 0 ? names : order(of: aID, bID)
    default:
      return numberOrder(a, b)
    }
  }

  private static func order(_ a: Binary, _ b: Binary) -> Int {
    if a.bytes.count != b.bytes.count { return order(of: a.bytes.count, b.bytes.count) }
    if a.subtype != b.subtype { return order(of: a.subtype, b.subtype) }
    for (left, right) in zip(a.bytes, b.bytes) where left != right { return left < right ? -1 : 1 }
    return 0
  }

  private static func order(_ a: [Value], _ b: [Value]) -> Int {
    for (left, right) in zip(a, b) {
      let order = order(left, right)
      if order != 0 { return order }
    }
    return order(of: a.count, b.count)
  }

  @inline(__always)
  static func order<T: Comparable>(of a: T, _ b: T) -> Int { a == b ? 0 : a < b ? -1 : 1 }

  /// By UTF-8 bytes; Swift's own order of strings is by Unicode's canonical forms.
  static func order(utf8 a: String, _ b: String) -> Int {
    let (left, right) = (a.utf8.span, b.utf8.span)
    let common = min(left.count, right.count)
    for index in 0..<common where left[index] != right[index] {
      return left[index] < right[index] ? -1 : 1
    }
    return order(of: left.count, right.count)
  }
}

extension Document {
  /// The order of two documents by MongoDB's rules: element by element, each by type, then by key,
  /// then by value; a document comes before the longer one that it begins.
  public static func order(_ a: Document, _ b: Document) -> Int {
    let (left, right) = (a.elements, b.elements)
    for (a, b) in zip(left, right) {
      let classes = Value.order(of: a.value.orderClass, b.value.orderClass)
      if classes != 0 { return classes }
      let keys = Value.order(utf8: a.key, b.key)
      if keys != 0 { return keys }
      let values = Value.order(a.value, b.value)
      if values != 0 { return values }
    }
    return Value.order(of: left.count, right.count)
  }
}
