/// A field of a group: which accumulator, fed by which expression.
struct AccumulatorPlan: Sendable {
  private enum Feed: Sendable {
    case value(Evaluator)
    case nothing
    /// `$top` and its like: what to sort by, and what to answer.
    case ranked([SortKey], Evaluator)
  }

  private let make: @Sendable (Int) -> Accumulator
  private let feed: Feed
  /// The count of `$firstN` and its like.
  private let count: Evaluator?

  private init(
    _ make: @escaping @Sendable (Int) -> Accumulator, _ feed: Feed, count: Evaluator? = nil
  ) {
    self.make = make
    self.feed = feed
    self.count = count
  }

  /// Compiles a field of `$group`, `$bucket` or `$bucketAuto`.
  init(
    _ field: String, _ value: Value, _ compiler: ExpressionCompiler
  ) throws(PrivataError) {
    try Self.check(field)
    guard case .document(let document) = value, let operation = document.elements.first else {
      throw .rejected(40234, "The field '\(field)' must be an accumulator object", fields: [field])
    }
    guard document.count == 1 else {
      throw .rejected(40238, "The field '\(field)' must specify one accumulator", fields: [field])
    }
    self = try Self.plan(field, operation, compiler)
  }

  private static func check(_ field: String) throws(PrivataError) {
    guard !field.utf8.contains(0x2E) else {
      throw .rejected(40235, "The field name '\(field)' cannot contain '.'", fields: [field])
    }
    guard !field.hasPrefix("$") else {
      throw .rejected(
        40236, "The field name '\(field)' cannot be an operator name", fields: [field])
    }
  }

  private static func plan(
    _ field: String, _ operation: Document.Element, _ compiler: ExpressionCompiler
  ) throws(PrivataError) -> AccumulatorPlan {
    let name = operation.key
    switch name {
    case "$count":
      guard case .document(let empty) = operation.value, empty.isEmpty else {
        throw .rejected(14, "$count takes no arguments, i.e. $count:{}", fields: [field])
      }
      return AccumulatorPlan({ _ in .count(0) }, .nothing)
    case "$top", "$topN", "$bottom", "$bottomN":
      return try ranked(field, name, operation.value, compiler)
    case "$accumulator":
      throw PrivataError(.unsupported, "\(name) is answered by MongoDB only, not by this store")
    default: break
    }
    if let simple = simple[name] {
      if case .array = operation.value {
        throw .rejected(40237, "The \(name) accumulator is a unary operator", fields: [field])
      }
      return AccumulatorPlan({ _ in simple }, .value(try compiler.compile(operation.value)))
    }
    guard let several = several[name] else {
      throw .rejected(
        15952, "unknown group operator '\(name)'", as: .unknownOperator, fields: [field])
    }
    let operands = try operands(name, operation.value, ["n", "input"])
    return AccumulatorPlan(
      several, .value(try compiler.compile(operands["input"] ?? .null)),
      count: try compiler.compile(operands["n"] ?? .null))
  }

  private static func ranked(
    _ field: String, _ name: String, _ value: Value, _ compiler: ExpressionCompiler
  ) throws(PrivataError) -> AccumulatorPlan {
    let isMany = name.hasSuffix("N")
    let operands = try operands(
      name, value, isMany ? ["n", "sortBy", "output"] : ["sortBy", "output"])
    let kind: Accumulator.RankedKind = name.hasPrefix("$top") ? .top : .bottom
    let count = isMany ? try compiler.compile(operands["n"] ?? .null) : nil
    guard case .fields(let keys) = try ExpressionCompiler.sortKeys(operands["sortBy"] ?? .null)
    else {
      throw .rejected(10065, "expected 'sortBy' to already be an object", fields: [field])
    }
    return AccumulatorPlan(
      { .ranked(kind, isMany ? $0 : nil, []) },
      .ranked(keys, try compiler.compile(operands["output"] ?? .null)), count: count)
  }

  private static let simple: [String: Accumulator] = [
    "$sum": .sum(Total()), "$avg": .average(Total()), "$min": .least(nil), "$max": .greatest(nil),
    "$first": .first(nil, isSet: false), "$last": .last(nil), "$push": .push([]),
    "$addToSet": .set([], []), "$mergeObjects": .merge([:]),
    "$stdDevPop": .deviation(Deviation(), isSample: false),
    "$stdDevSamp": .deviation(Deviation(), isSample: true),
  ]

  private static let several: [String: @Sendable (Int) -> Accumulator] = [
    "$firstN": { .some(.first, $0, []) }, "$lastN": { .some(.last, $0, []) },
    "$minN": { .some(.least, $0, []) }, "$maxN": { .some(.greatest, $0, []) },
  ]

  private static func operands(
    _ name: String, _ value: Value, _ names: [String]
  ) throws(PrivataError) -> Document {
    guard case .document(let document) = value else {
      let isByPlace = name == "$firstN" || name == "$lastN"
      throw .rejected(
        names.contains("sortBy") ? 5788001 : isByPlace ? 5787801 : 5787900,
        "specification of \(name) must be an object")
    }
    for key in document.keys where !names.contains(key) {
      throw .rejected(
        names.contains("sortBy") ? 5788002 : 5787901, "Unknown argument to \(name): \(key)")
    }
    let codes =
      names.contains("sortBy")
      ? ["n": 5788003, "sortBy": 5788005, "output": 5788004] : ["n": 5787906, "input": 5787907]
    for name in names where !document.contains(name) {
      throw .rejected(codes[name] ?? 9, "Missing value for '\(name)'")
    }
    return document
  }

  /// The accumulator of a new group.
  func start(_ context: ExpressionContext) throws(PrivataError) -> Accumulator {
    guard let count else { return make(0) }
    return make(try ExpressionCompiler.positive(try count(context)))
  }

  /// Feeds a document's value to an accumulator.
  func add(_ context: ExpressionContext, to accumulator: inout Accumulator) throws(PrivataError) {
    switch feed {
    case .nothing: try accumulator.add(nil, context.order)
    case .value(let evaluator): try accumulator.add(try evaluator(context), context.order)
    case .ranked(let keys, let output):
      let sorter = try DocumentSorter(keys)
      let row = (key: try sorter.key(of: context.root), output: try output(context) ?? .null)
      accumulator.add(row, sorter)
    }
  }
}

extension Accumulator {
  /// Keeps a row among the first or last by its key.
  mutating func add(_ row: (key: [Value], output: Value), _ sorter: DocumentSorter) {
    guard case .ranked(let kind, let count, var rows) = self else { return }
    self = .ranked(kind, count, [])
    // Behind its equals, so that of equals the first come first.
    let place = rows.firstIndex { sorter.compare(row.key, $0.key) < 0 } ?? rows.count
    rows.insert(row, at: place)
    let most = count ?? 1
    if rows.count > most { if kind == .top { rows.removeLast() } else { rows.removeFirst() } }
    self = .ranked(kind, count, rows)
  }
}
