/// `$group`: one document per different value of an expression, in the order in which they are met.
struct GroupStage: Sendable {
  fileprivate let id: Evaluator
  fileprivate let fields: [(String, AccumulatorPlan)]

  /// Compiles the stage.
  init(_ value: Value, _ parser: PipelineParser) throws(PrivataError) {
    guard case .document(let document) = value else {
      throw .rejected(15947, "a group's fields must be specified in an object")
    }
    guard let key = document["_id"] else {
      throw .rejected(15955, "a group specification must include an _id")
    }
    id = try parser.compiler.compile(key)
    var fields: [(String, AccumulatorPlan)] = []
    for element in document.elements where element.key != "_id" {
      fields.append((element.key, try AccumulatorPlan(element.key, element.value, parser.compiler)))
    }
    self.fields = fields
  }

  /// The groups.
  func run(_ documents: [Document], _ scope: PipelineScope) throws(PrivataError) -> [Document] {
    var run = GroupRun(self, scope)
    for document in documents { try run.add(document) }
    return run.results
  }
}

/// The groups of the documents so far.
struct GroupRun {
  private let stage: GroupStage
  private let scope: PipelineScope
  private var places: [Value: Int] = [:]
  private var groups: [(id: Value, accumulators: [Accumulator])] = []

  init(_ stage: GroupStage, _ scope: PipelineScope) {
    self.stage = stage
    self.scope = scope
  }

  /// Adds a document to its group.
  mutating func add(_ document: Document) throws(PrivataError) {
    let context = scope.context(document)
    let id = try stage.id(context) ?? .null
    let key = scope.order.key(id)
    let place = places[key] ?? groups.count
    if place == groups.count {
      places[key] = place
      var accumulators: [Accumulator] = []
      for field in stage.fields { accumulators.append(try field.1.start(context)) }
      groups.append((id, accumulators))
    }
    for (index, field) in stage.fields.enumerated() {
      try field.1.add(context, to: &groups[place].accumulators[index])
    }
  }

  /// One document per group.
  var results: [Document] {
    groups.map { group in
      var result: [Document.Element] = [.init(key: "_id", value: group.id)]
      for (field, accumulator) in zip(stage.fields, group.accumulators) {
        result.append(.init(key: field.0, value: accumulator.result(scope.order)))
      }
      return Document(result)
    }
  }
}

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

  /// Compiles a field of `$group`, `$bucket` or `$bucketAuto`.
  init(
    _ field: String, _ value: Value, _ compiler: ExpressionCompiler
  ) throws(PrivataError) {
    guard !field.utf8.contains(0x2E) else {
      throw .rejected(40235, "The field name '\(field)' cannot contain '.'", fields: [field])
    }
    guard !field.hasPrefix("$") else {
      throw .rejected(
        40236, "The field name '\(field)' cannot be an operator name", fields: [field])
    }
    guard case .document(let document) = value, let operation = document.elements.first else {
      throw .rejected(40234, "The field '\(field)' must be an accumulator object", fields: [field])
    }
    guard document.count == 1 else {
      throw .rejected(40238, "The field '\(field)' must specify one accumulator", fields: [field])
    }
    let name = operation.key
    if let simple = Self.simple[name] {
      make = { _ in simple }
      count = nil
      if name == "$count" {
        guard case .document(let empty) = operation.value, empty.isEmpty else {
          throw .rejected(14, "$count takes no arguments, i.e. $count:{}", fields: [field])
        }
        feed = .nothing
        return
      }
      if case .array = operation.value {
        throw .rejected(40237, "The \(name) accumulator is a unary operator", fields: [field])
      }
      feed = .value(try compiler.compile(operation.value))
    } else if let several = Self.several[name] {
      let operands = try Self.operands(name, operation.value, ["n", "input"])
      make = several
      count = try compiler.compile(operands["n"] ?? .null)
      feed = .value(try compiler.compile(operands["input"] ?? .null))
    } else if ["$top", "$topN", "$bottom", "$bottomN"].contains(name) {
      let isMany = name.hasSuffix("N")
      let operands = try Self.operands(
        name, operation.value, isMany ? ["n", "sortBy", "output"] : ["sortBy", "output"])
      let kind: Accumulator.RankedKind = name.hasPrefix("$top") ? .top : .bottom
      make = { .ranked(kind, isMany ? $0 : nil, []) }
      count = isMany ? try compiler.compile(operands["n"] ?? .null) : nil
      guard case .fields(let keys) = try ExpressionCompiler.sortKeys(operands["sortBy"] ?? .null)
      else {
        throw .rejected(5788604, "expected 'sortBy' to already be an object", fields: [field])
      }
      feed = .ranked(keys, try compiler.compile(operands["output"] ?? .null))
    } else if name == "$accumulator" {
      throw PrivataError(.unsupported, "\(name) is answered by MongoDB only, not by this store")
    } else {
      throw .rejected(
        15952, "unknown group operator '\(name)'", as: .unknownOperator, fields: [field])
    }
  }

  private static let simple: [String: Accumulator] = [
    "$sum": .sum(Total()), "$avg": .average(Total()), "$min": .least(nil), "$max": .greatest(nil),
    "$first": .first(nil, isSet: false), "$last": .last(nil), "$push": .push([]),
    "$addToSet": .set([], []), "$mergeObjects": .merge([:]), "$count": .count(0),
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
      throw .rejected(
        names.contains("sortBy") ? 5788001 : 5787900, "specification of \(name) must be an object")
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
