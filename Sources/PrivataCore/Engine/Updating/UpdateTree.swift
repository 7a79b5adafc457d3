/// Update operators, arranged by the paths that they change. Fields are changed in the order of
/// their names, numbers by value, as MongoDB does since 5.0; two operators on one path conflict.
struct UpdateTree: Sendable {
  /// A place in the document.
  indirect enum Node: Sendable {
    case leaf(UpdateOperation)
    /// Fields, or positions of an array, by name; `$` is the positional one.
    case fields([String: Node])
    /// Elements of an array by the name of their filter; the empty name means all.
    case elements([String: Node])
  }

  private(set) var root: [String: Node] = [:]
  private(set) var isPositional = false
  /// Where `$rename` takes from and puts to.
  private(set) var renames: [(DottedPath, DottedPath)] = []
  /// Names used in `$[name]`.
  private(set) var arrayNames: Set<String> = []

  /// The tree of an update document.
  init(_ document: Document, order: ValueOrder) throws(PrivataError) {
    for element in document.elements {
      let isKnown = UpdateOperation.names.contains(element.key)
      guard isKnown else {
        throw .rejected(9, "Unknown modifier: \(element.key)", as: .unknownOperator)
      }
      guard case .document(let operands) = element.value else {
        throw .rejected(
          9,
          "Modifiers operate on fields but \(element.key) was given a value of type "
            + element.value.typeName)
      }
      for operand in operands.elements {
        try insert(element.key, operand.key, operand.value, order)
      }
    }
  }

  private mutating func insert(
    _ name: String, _ path: String, _ value: Value, _ order: ValueOrder
  ) throws(PrivataError) {
    let parts = try Self.parts(of: path)
    note(parts)
    guard name == "$rename" else {
      return try insert(.leaf(try UpdateOperation(name, path, value, order)), parts, path)
    }
    guard case .string(let target) = value else {
      throw .rejected(2, "The 'to' field for $rename must be a string", fields: [path])
    }
    let targetParts = try Self.parts(of: target)
    guard !(parts + targetParts).contains(where: { $0 == "$" || $0.hasPrefix("$[") }) else {
      throw .rejected(2, "The fields of $rename may not be dynamic", fields: [path, target])
    }
    guard !parts.starts(with: targetParts), !targetParts.starts(with: parts) else {
      throw .rejected(
        2, "The source and target field for $rename must differ and not be on the same path",
        fields: [path])
    }
    renames.append((DottedPath(path), DottedPath(target)))
    try insert(.leaf(.renameFrom), parts, path)
    try insert(.leaf(.renameTo(DottedPath(path), DottedPath(target))), targetParts, target)
  }

  private mutating func note(_ parts: [String]) {
    for part in parts {
      if part == "$" { isPositional = true }
      if part.hasPrefix("$["), part.hasSuffix("]"), part.count > 3 {
        arrayNames.insert(String(part.dropFirst(2).dropLast()))
      }
    }
  }

  private static func parts(of path: String) throws(PrivataError) -> [String] {
    guard !path.isEmpty else { throw .rejected(56, "An empty update path is not valid.") }
    let parts = path.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
    guard !parts.contains("") else {
      throw .rejected(56, "The update path '\(path)' contains an empty field name", fields: [path])
    }
    if parts[0] == "$" || parts[0].hasPrefix("$[") {
      throw .rejected(
        2, "Cannot have positional or array filter elements in the first position of a path",
        fields: [path])
    }
    guard parts.count(where: { $0 == "$" }) <= 1 else {
      throw .rejected(2, "Too many positional (i.e. '$') elements found in path", fields: [path])
    }
    if parts[0].hasPrefix("$") {
      throw .rejected(
        52, "The dollar ($) prefixed field '\(parts[0])' in '\(path)' is not valid for storage.",
        fields: [path])
    }
    return parts
  }

  // MARK: Growing

  private mutating func insert(
    _ leaf: Node, _ parts: [String], _ path: String
  ) throws(PrivataError) {
    root[parts[0]] = try Self.inserting(leaf, parts[...], path, into: root[parts[0]])
  }

  private static func inserting(
    _ leaf: Node, _ parts: ArraySlice<String>, _ path: String, into node: Node?
  ) throws(PrivataError) -> Node {
    let rest = parts.dropFirst()
    guard let next = rest.first else {
      guard node == nil else { throw conflict(path) }
      return leaf
    }
    if next.hasPrefix("$["), next.hasSuffix("]") {
      let name = String(next.dropFirst(2).dropLast())
      var children: [String: Node]
      switch node {
      case nil: children = [:]
      case .elements(let existing)?: children = existing
      default: throw conflict(path)
      }
      children[name] = try inserting(leaf, rest, path, into: children[name])
      return .elements(children)
    }
    var children: [String: Node]
    switch node {
    case nil: children = [:]
    case .fields(let existing)?: children = existing
    default: throw conflict(path)
    }
    children[next] = try inserting(leaf, rest, path, into: children[next])
    return .fields(children)
  }

  static func conflict(_ path: String) -> PrivataError {
    .rejected(40, "Updating the path '\(path)' would create a conflict", fields: [path])
  }

  /// Both trees in one, for a positional path that turns out to be the same as a numeric one.
  static func merged(_ a: Node, _ b: Node, _ path: String) throws(PrivataError) -> Node {
    switch (a, b) {
    case (.fields(let x), .fields(let y)): return .fields(try merged(x, y, path))
    case (.elements(let x), .elements(let y)): return .elements(try merged(x, y, path))
    default: throw conflict(path)
    }
  }

  private static func merged(
    _ a: [String: Node], _ b: [String: Node], _ path: String
  ) throws(PrivataError) -> [String: Node] {
    var result = a
    for (key, node) in b {
      if let existing = result[key] {
        result[key] = try merged(existing, node, path)
      } else {
        result[key] = node
      }
    }
    return result
  }

  /// The order in which the fields of one level are changed.
  static func precedes(_ a: String, _ b: String) -> Bool {
    if let x = DottedPath.index(a), let y = DottedPath.index(b) { return x < y }
    return Value.order(.string(a), .string(b)) < 0
  }
}
