internal import PrivataCore

extension Value {
  /// True for `null` and for JavaScript's `undefined`, which MongoStyle writes as `.undefined`: a
  /// value that was not given.
  var isNullish: Bool { isNull }

  /// True where nothing was given.
  var isUndefined: Bool { if case .undefined = self { true } else { false } }

  /// The name that `CastError` gives the type of a value.
  var javaScriptTypeName: String {
    switch self {
    case .null: "null"
    case .undefined: "undefined"
    case .bool: "boolean"
    case .int32, .double: "number"
    case .int64: "bigint"
    case .decimal: "Decimal128"
    case .string, .symbol: "string"
    case .objectID: "ObjectId"
    case .date: "Date"
    case .binary(let binary): binary.subtype == 4 ? "UUID" : "Buffer"
    case .document: "Object"
    case .array: "Array"
    case .regex: "RegExp"
    case .timestamp: "Timestamp"
    case .minKey: "MinKey"
    case .maxKey: "MaxKey"
    case .code: "Code"
    case .dbPointer: "DBPointer"
    }
  }

  /// What JavaScript takes for true.
  var isTruthy: Bool {
    switch self {
    case .null, .undefined: false
    case .bool(let flag): flag
    case .int32(let number): number != 0
    case .int64(let number): number != 0
    case .double(let number): number != 0 && !number.isNaN
    case .string(let text): !text.isEmpty
    default: true
    }
  }

  /// True for the numbers of JavaScript; a 64-bit integer counts, as drivers hand it over as one.
  var isJavaScriptNumber: Bool {
    switch self {
    case .int32, .int64, .double: true
    default: false
    }
  }

  /// Mongoose's deep equality of plain values: numbers by value, documents without regard to the
  /// order of keys where their counts agree, members that are undefined ignored.
  func isDeepEqual(to other: Value) -> Bool {
    if let a = asDouble, let b = other.asDouble { return a == b || (a.isNaN && b.isNaN) }
    switch (self, other) {
    case (.array(let a), .array(let b)):
      return a.count == b.count && zip(a, b).allSatisfy { $0.isDeepEqual(to: $1) }
    case (.document(let a), .document(let b)):
      let left = a.elements.filter { !$0.value.isUndefined }
      let right = b.elements.filter { !$0.value.isUndefined }
      guard left.count == right.count else { return false }
      return left.allSatisfy { element in
        b[element.key].map { element.value.isDeepEqual(to: $0) } ?? false
      }
    default: return self == other
    }
  }
}

extension Document {
  /// True where a key begins with `$`.
  var hasOperators: Bool { elements.contains { $0.key.isOperator } }

  /// The document without the members whose value was not given.
  var withoutUndefined: Document {
    elements.contains { $0.value.isUndefined }
      ? Document(elements.filter { !$0.value.isUndefined }) : self
  }

  /// The value at a dotted path through documents, `nil` where a step is missing.
  func value(at path: String) -> Value? {
    if let whole = self[path] { return whole }
    guard path.utf8.contains(0x2E) else { return nil }
    var current: Value = .document(self)
    for step in path.split(separator: ".") {
      switch current {
      case .document(let document):
        guard let next = document[String(step)] else { return nil }
        current = next
      case .array(let items):
        guard let index = Int(step), items.indices.contains(index) else { return nil }
        current = items[index]
      default: return nil
      }
    }
    return current
  }
}

extension String {
  /// True for `$set`, `$gt` and the like.
  var isOperator: Bool { utf8.first == 0x24 }

  /// The parts between dots.
  var steps: [String] { split(separator: ".", omittingEmptySubsequences: false).map(String.init) }

  /// The part before the first dot, or the whole.
  var firstStep: String {
    utf8.firstIndex(of: 0x2E).map { String(self[..<$0]) } ?? self
  }

  /// True for a text of digits, as positions in arrays are written.
  var isIndex: Bool { !isEmpty && utf8.allSatisfy { (0x30...0x39).contains($0) } }

  /// True for a path that has a step of digits after another step.
  var hasIndexStep: Bool { steps.dropFirst().contains { $0.isIndex } }

  /// The path and all paths above it, the shortest first: `a`, `a.b`, `a.b.c`.
  var parentPaths: [String] {
    var paths: [String] = []
    for step in steps { paths.append(paths.last.map { "\($0).\(step)" } ?? step) }
    return paths
  }
}
