internal import PrivataCore
internal import PrivataSQL
internal import Synchronization

/// What the text of a select of models depends on: all of it but the values. Two selects of equal
/// shape have the same text, so it is rendered once and later runs bind values alone.
struct SelectShape: Hashable {
  private enum Part: Hashable {
    case mark(Mark)
    case text(String)
    case count(Int)
    case model(ObjectIdentifier)
    case type(FieldType?)
  }

  private enum Mark: Hashable {
    case from, join, lateral, on, condition, group, having, order, limit, offset, fields, all
    case name, column, alias, list, parameter, none
  }

  private var parts: [Part] = []
  /// The values, in the order of the text.
  private(set) var parameters: [RenderedSQL.Parameter] = []

  static func == (a: SelectShape, b: SelectShape) -> Bool { a.parts == b.parts }

  func hash(into hasher: inout Hasher) { hasher.combine(parts) }

  /// The shape of a plan; `nil` where its text may depend on more than the names in it: on a codec of
  /// the program's own, another query, a value that is written out.
  init?(_ plan: SelectPlan, _ dialect: SQLDialect) {
    guard plan.with.isEmpty, plan.operations.isEmpty, plan.distinct == nil, plan.lock == nil,
      plan.comment == nil, let from = plan.from
    else { return nil }
    parts.reserveCapacity(48)
    add(dialect.rawValue)
    guard add(plan.fields), add(from), plan.joins.allSatisfy({ add($0) }),
      add(.condition, plan.condition), add(.group, plan.grouping), add(.having, plan.having),
      add(.order, plan.ordering), add(.limit, plan.limit), add(.offset, plan.offset)
    else { return nil }
  }

  private mutating func add(_ text: String) { parts.append(.text(text)) }

  private mutating func add(_ selection: Selection?) -> Bool {
    guard let selection else {
      parts.append(.mark(.all))
      return true
    }
    parts.append(.mark(.fields))
    for (key, field) in selection.fields {
      guard case .column(let column) = field, add(column) else { return false }
      add(key)
    }
    return true
  }

  private mutating func add(_ source: SQLSource) -> Bool {
    guard case .table(let table) = source, let model = table.model else { return false }
    parts.append(.mark(.from))
    parts.append(.model(ObjectIdentifier(model)))
    add(table.alias)
    return true
  }

  private mutating func add(_ name: String?) {
    parts.append(name.map { .text($0) } ?? .mark(.none))
  }

  private mutating func add(_ join: SelectPlan.Join) -> Bool {
    guard !join.isLateral else { return false }
    parts.append(.mark(.join))
    add(join.kind.rawValue)
    return add(join.source) && add(.on, join.on)
  }

  private mutating func add(_ mark: Mark, _ fragment: SQL?) -> Bool {
    guard let fragment else { return true }
    parts.append(.mark(mark))
    return add(fragment)
  }

  private mutating func add(_ mark: Mark, _ fragments: [SQL]) -> Bool {
    guard !fragments.isEmpty else { return true }
    parts.append(.mark(mark))
    parts.append(.count(fragments.count))
    return fragments.allSatisfy { add($0) }
  }

  /// A page whose numbers SQL knows rules for, such as a negative one, is left to the renderer.
  private mutating func add(_ mark: Mark, _ bound: Bound?) -> Bool {
    guard let bound else { return true }
    guard case .number(let number) = bound, number > 0 else { return false }
    parts.append(.mark(mark))
    parameters.append(.value(.int(number), nil))
    return true
  }

  private mutating func add(_ fragment: SQL) -> Bool {
    guard !fragment.isInlined else { return false }
    return fragment.chunks.allSatisfy { add($0) }
  }

  private mutating func add(_ chunk: SQL.Chunk) -> Bool {
    switch chunk {
    case .text(let text): add(text)
    case .name(let name):
      parts.append(.mark(.name))
      add(name)
    case .column(let column): return add(column)
    case .parameter(let value, let encoder): return add(value, encoder)
    case .nested(let fragment): return add(fragment)
    case .list(let chunks):
      parts.append(.mark(.list))
      parts.append(.count(chunks.count))
      return chunks.allSatisfy { add($0) }
    case .source, .placeholder, .query, .substring, .match, .failure: return false
    }
    return true
  }

  private mutating func add(_ column: SQLColumn) -> Bool {
    guard column.codec is ModelCodec, let owner = column.owner else { return false }
    parts.append(.mark(.column))
    add(owner.schema)
    add(owner.name)
    parts.append(.count(owner.isAlias ? 1 : 0))
    add(column.name)
    parts.append(.mark(.alias))
    add(column.alias)
    parts.append(.type(column.fieldType))
    return true
  }

  /// A value that its column refuses is left to the renderer, which says so.
  private mutating func add(_ value: Value, _ encoder: SQLColumn?) -> Bool {
    var bound = value
    if let encoder {
      guard encoder.codec is ModelCodec else { return false }
      if !value.isNull {
        guard case .value(let encoded)? = try? encoder.codec.encode(value) else { return false }
        bound = encoded
      }
    }
    parts.append(.mark(.parameter))
    parts.append(.type(encoder?.fieldType))
    parameters.append(.value(bound, encoder?.fieldType))
    return true
  }
}

/// A select's text, rendered once and kept prepared by the drivers.
struct CompiledSelect: Sendable {
  let rendered: RenderedSQL
  let template: SQLTemplate
  /// Keeps the models alive whose identity is part of the shape.
  private let sources: [SQLSource]

  private init(_ plan: SelectPlan, _ dialect: SQLDialect) throws(PrivataError) {
    rendered = try RenderedSQL(.select(plan), dialect)
    template = rendered.template(isCompiled: true)
    sources = [plan.from].compactMap { $0 } + plan.joins.map(\.source)
  }

  private static let known = Mutex<[SelectShape: CompiledSelect]>([:])
  /// More shapes than any program has that does not make them up as it runs.
  private static let limit = 2048

  /// The compiled form of a plan with the plan's values; `nil` for a plan that has to be rendered
  /// each time.
  static func find(
    _ plan: SelectPlan, _ dialect: SQLDialect
  ) throws(PrivataError) -> (rendered: RenderedSQL, template: SQLTemplate)? {
    guard let shape = SelectShape(plan, dialect) else { return nil }
    let compiled: CompiledSelect
    if let found = known.withLock({ $0[shape] }) {
      compiled = found
    } else {
      let made = try CompiledSelect(plan, dialect)
      known.withLock { known in
        if known.count >= limit { known.removeAll(keepingCapacity: true) }
        known[shape] = made
      }
      compiled = made
    }
    return (RenderedSQL(compiled.rendered, shape.parameters), compiled.template)
  }
}
