internal import PrivataCore
internal import PrivataSQL

extension Renderer {
  /// Writes a statement as a whole and answers how its rows are read.
  mutating func write(root statement: Statement) throws(PrivataError) -> RowShape? {
    switch statement {
    case .select(let plan):
      guard dialect == .postgres, !plan.operations.isEmpty, let names = plan.unionNames else {
        return try write(plan)
      }
      write("select ")
      for (index, name) in names.enumerated() {
        write((index > 0 ? ", " : "") + dialect.quote(name))
      }
      write(" from (")
      let shape = try write(plan)
      write(") \"drizzle_union\"")
      return shape
    case .insert(let plan): return try write(plan)
    case .update(let plan): return try write(plan)
    case .delete(let plan): return try write(plan)
    case .relational(let plan): return try write(plan)
    case .refresh(let plan):
      try write(plan)
      return nil
    case .raw(let fragment):
      try write(fragment)
      return nil
    }
  }

  /// Writes a statement as a part of another.
  mutating func write(_ statement: Statement) throws(PrivataError) {
    if case .select(let plan) = statement {
      _ = try write(plan)
    } else {
      _ = try write(root: statement)
    }
  }

  /// Writes a select with what set operators add to it.
  mutating func write(_ plan: SelectPlan) throws(PrivataError) -> RowShape {
    try write(with: plan.with)
    guard !plan.operations.isEmpty else { return try write(core: plan) }
    var first = plan
    first.operations = []
    first.with = []
    if dialect == .postgres {
      write(String(repeating: "(", count: plan.operations.count - 1))
    }
    let shape = try write(operand: first)
    for (index, operation) in plan.operations.enumerated() {
      write(" \(operation.kind) ")
      try plan.check(operation.right)
      _ = try write(operand: operation.right)
      try write(order: operation.ordering.map { $0.unqualified })
      try write(limit: operation.limit, offset: operation.offset)
      if dialect == .postgres, index < plan.operations.count - 1 { write(")") }
    }
    return shape
  }

  /// Writes one side of a set operator: in parentheses on PostgreSQL; SQLite knows none there, so a
  /// side with an order or a page of its own becomes a subquery.
  private mutating func write(operand plan: SelectPlan) throws(PrivataError) -> RowShape {
    let isPlain =
      plan.ordering.isEmpty && plan.limit == nil && plan.offset == nil && plan.operations.isEmpty
    if dialect == .sqlite {
      if isPlain { return try write(plan) }
      write("select * from (")
    } else {
      write("(")
    }
    let shape = try write(plan)
    write(")")
    return shape
  }

  private mutating func write(core plan: SelectPlan) throws(PrivataError) -> RowShape {
    guard let from = plan.from else {
      throw PrivataError(.badArgument, "a select needs a source: add .from(…)")
    }
    try plan.checkAliases()
    write("select")
    switch plan.distinct {
    case nil: break
    case .all?: write(" distinct")
    case .on(let expressions)?:
      write(" distinct on (")
      try write(list: expressions)
      write(")")
    }
    write(" ")
    let shape = try write(selection: plan.resolvedFields, of: plan)
    write(" from ")
    try write(from: from)
    for join in plan.joins { try write(join) }
    try write(" where ", plan.condition)
    try write(group: plan.grouping)
    try write(" having ", plan.having)
    try write(order: plan.ordering)
    try write(limit: plan.limit, offset: plan.offset)
    if let lock = plan.lock { write(lock.text(dialect)) }
    if let comment = plan.comment { write(" /*\(comment)*/") }
    return shape
  }

  mutating func write(with parts: [Subquery]) throws(PrivataError) {
    guard !parts.isEmpty else { return }
    write("with ")
    for (index, part) in parts.enumerated() {
      if index > 0 { write(", ") }
      write(name: part.alias)
      write(" as (")
      try write(part.statement)
      write(")")
    }
    write(" ")
  }

  mutating func write(_ head: String, _ condition: SQL?) throws(PrivataError) {
    guard let condition else { return }
    write(head)
    try write(condition)
  }

  private mutating func write(group expressions: [SQL]) throws(PrivataError) {
    guard !expressions.isEmpty else { return }
    write(" group by ")
    try write(list: expressions)
  }

  mutating func write(order expressions: [SQL]) throws(PrivataError) {
    guard !expressions.isEmpty else { return }
    write(" order by ")
    try write(list: expressions)
  }

  mutating func write(limit: Bound?, offset: Bound?) throws(PrivataError) {
    if case .number(let number)? = limit, number < 0 { throw .negative("limit") }
    if case .number(let number)? = offset, number < 0 { throw .negative("offset") }
    if let limit { try write(" limit ", limit.sql) }
    if case .number(0)? = offset { return }
    if let offset { try write(" offset ", offset.sql) }
  }

  mutating func write(_ join: SelectPlan.Join) throws(PrivataError) {
    write(" \(join.kind.rawValue) join ")
    if join.isLateral { write("lateral ") }
    try write(from: join.source)
    try write(" on ", join.on)
  }
}

// MARK: - Sources

extension Renderer {
  /// Writes a source after `from` or `join`.
  mutating func write(from source: SQLSource) throws(PrivataError) {
    switch source {
    case .table(let table):
      guard let alias = table.alias else { return try write(reference: source) }
      note(table.schema.map { "\($0).\(table.name)" } ?? table.name)
      write(path: table.schema, table.name)
      write(" " + dialect.quote(alias))
    case .view(let view):
      guard let alias = view.alias else { return try write(reference: source) }
      write(path: view.schema, view.name)
      write(" " + dialect.quote(alias))
    default: try write(reference: source)
    }
  }

  /// Writes a source where SQL refers to it.
  mutating func write(reference source: SQLSource) throws(PrivataError) {
    switch source {
    case .table(let table):
      if let alias = table.alias { return write(name: alias) }
      note(table.schema.map { "\($0).\(table.name)" } ?? table.name)
      write(path: table.schema, table.name)
    case .view(let view):
      if let alias = view.alias { return write(name: alias) }
      write(path: view.schema, view.name)
    case .part(let part):
      if part.isCommon { return write(name: part.alias) }
      write("(")
      try write(part.statement)
      write(") " + dialect.quote(part.alias))
    case .raw(let fragment): try write(fragment)
    }
  }

  mutating func write(path schema: String?, _ name: String) {
    if let schema { write(dialect.quote(schema) + ".") }
    write(name: name)
  }
}

extension SQL {
  /// The expression with bare column names, as the order of a combined result asks.
  fileprivate var unqualified: SQL {
    var copy = self
    copy.chunks = chunks.map { chunk in
      switch chunk {
      case .column(let column): .name(column.alias ?? column.name)
      case .nested(let inner) where inner.chunks.count == 1: .nested(inner.unqualified)
      default: chunk
      }
    }
    return copy
  }
}
