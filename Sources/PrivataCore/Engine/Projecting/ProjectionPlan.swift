/// A compiled projection: a tree of fields that are kept, dropped or computed.
struct ProjectionPlan: Sendable {
  /// Whose rules hold: `find`'s, `$project`'s, or those of `$addFields`, where every value is an
  /// expression.
  enum Dialect: Sendable { case find, project, addFields }
  enum Mode: Sendable { case inclusion, exclusion, addition }

  indirect enum Node: Sendable {
    case keep
    case drop
    case computed(Evaluator)
    /// `$slice`: the first (negative: last) so many, or a start and a count.
    case slice(Int, Int?)
    case element(MatchExpression)
    case fields(Fields)
  }

  /// Fields in the order in which the projection names them.
  struct Fields: Sendable {
    private(set) var names: [String] = []
    private(set) var nodes: [String: Node] = [:]

    subscript(name: String) -> Node? {
      get { nodes[name] }
      set {
        if nodes[name] == nil { names.append(name) }
        nodes[name] = newValue
      }
    }

    /// True where something below is computed.
    var hasComputed: Bool {
      nodes.values.contains { node in
        switch node {
        case .computed: true
        case .fields(let fields): fields.hasComputed
        default: false
        }
      }
    }
  }

  var fields = Fields()
  var mode: Mode
  /// The array of which the positional `$` shows one element.
  var positional: DottedPath?

  /// Compiles a projection.
  init(
    _ document: Document, dialect: Dialect, variables: [String] = []
  ) throws(PrivataError) {
    var parser = ProjectionParser(dialect: dialect, variables: variables)
    try parser.read(document, at: [])
    mode = parser.settledMode()
    fields = parser.fields
    positional = parser.positional
  }

  /// The projected root document of a context.
  func apply(_ context: ExpressionContext) throws(PrivataError) -> Document {
    switch mode {
    case .inclusion:
      let kept = Document(try included(context.root, fields, context.order))
      return fields.hasComputed ? try added(kept, fields, context) : kept
    case .exclusion:
      let kept = Document(try excluded(context.root, fields, context.order))
      return fields.hasComputed ? try added(kept, fields, context) : kept
    case .addition: return try added(context.root, fields, context)
    }
  }
}

// MARK: - Keeping and dropping

extension ProjectionPlan {
  private func included(
    _ document: Document, _ fields: Fields, _ order: ValueOrder
  ) throws(PrivataError) -> [Document.Element] {
    var result: [Document.Element] = []
    for element in document.elements {
      guard let node = fields[element.key],
        let value = try shown(
          element.value, node, order,
          { (value, inner) throws(PrivataError) in
            try included(value, inner, order)
          })
      else { continue }
      result.append(.init(key: element.key, value: value))
    }
    return result
  }

  private func included(
    _ value: Value, _ fields: Fields, _ order: ValueOrder
  ) throws(PrivataError) -> Value? {
    switch value {
    case .document(let document): return .document(Document(try included(document, fields, order)))
    case .array(let items):
      var kept: [Value] = []
      for item in items {
        if let value = try included(item, fields, order) {
          kept.append(value)
        } else if fields.hasComputed {
          // Gets its computed fields later.
          kept.append(.null)
        }
      }
      return .array(kept)
    default: return nil
    }
  }

  private func excluded(
    _ document: Document, _ fields: Fields, _ order: ValueOrder
  ) throws(PrivataError) -> [Document.Element] {
    var result: [Document.Element] = []
    for element in document.elements {
      guard let node = fields[element.key] else {
        result.append(element)
        continue
      }
      let value = try shown(element.value, node, order) { (value, inner) throws(PrivataError) in
        try excluded(value, inner, order)
      }
      if let value { result.append(.init(key: element.key, value: value)) }
    }
    return result
  }

  private func excluded(
    _ value: Value, _ fields: Fields, _ order: ValueOrder
  ) throws(PrivataError) -> Value {
    switch value {
    case .document(let document): return .document(Document(try excluded(document, fields, order)))
    case .array(let items):
      var kept: [Value] = []
      for item in items { kept.append(try excluded(item, fields, order)) }
      return .array(kept)
    default: return value
    }
  }

  private func shown(
    _ value: Value, _ node: Node, _ order: ValueOrder,
    _ nested: (Value, Fields) throws(PrivataError) -> Value?
  ) throws(PrivataError) -> Value? {
    switch node {
    case .keep: return value
    case .drop: return nil
    // A computed field takes no part of the old value; in exclusions it stands in its place.
    case .computed: return mode == .exclusion ? value : Value?.none
    case .fields(let inner): return try nested(value, inner)
    case .slice(let first, let count):
      guard case .array(let items) = value else { return value }
      return .array(Self.slice(items, first, count))
    case .element(let expression):
      guard case .array(let items) = value,
        let index = try Self.firstIndex(of: expression, in: items, order)
      else { return nil }
      return .array([items[index]])
    }
  }

  private static func firstIndex(
    of expression: MatchExpression, in items: [Value], _ order: ValueOrder
  ) throws(PrivataError) -> Int? {
    var record = MatchRecord()
    return try expression.matches(["_": .array(items)], order, &record) ? record.index : nil
  }

  /// `$slice` of `find` and of expressions.
  static func slice(_ items: [Value], _ first: Int, _ count: Int?) -> [Value] {
    guard let count else {
      return Array(
        first < 0 ? items.suffix(Int(clamping: first.magnitude)) : items.prefix(first))
    }
    let start = first < 0 ? max(0, items.count + first) : min(first, items.count)
    return Array(items[start...].prefix(count))
  }
}

// MARK: - Computing

extension ProjectionPlan {
  private func added(
    _ document: Document, _ fields: Fields, _ context: ExpressionContext
  ) throws(PrivataError) -> Document {
    var result = document
    for name in fields.names {
      switch fields[name] {
      case .computed(let evaluator)?: result[name] = try evaluator(context)
      case .fields(let inner)? where inner.hasComputed:
        result[name] = try added(result[name], inner, context)
      default: break
      }
    }
    return result
  }

  private func added(
    _ value: Value?, _ fields: Fields, _ context: ExpressionContext
  ) throws(PrivataError) -> Value {
    switch value {
    case .document(let document)?: return .document(try added(document, fields, context))
    case .array(let items)?:
      var results: [Value] = []
      for item in items { results.append(try added(item, fields, context)) }
      return .array(results)
    default: return .document(try added(Document(), fields, context))
    }
  }
}
