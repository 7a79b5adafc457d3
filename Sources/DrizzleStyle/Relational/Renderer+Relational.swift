internal import PrivataCore
internal import PrivataSQL

/// How the rows of a relational query below the root are read from JSON.
struct RelationShape: Sendable {
  var isOne: Bool
  var members: [(key: String, member: Member)]

  indirect enum Member: Sendable {
    case column(SQLColumn)
    case extra(Decoder)
    case relation(RelationShape)
  }

  func value(_ answer: Answer) throws(PrivataError) -> Value {
    let dialect = answer.dialect
    switch answer.value {
    case .string(let text): return try rows(try JSONForm.value(text), .json(dialect))
    default: return try rows(answer.value, .json(dialect))
    }
  }

  private func rows(_ value: Value, _ form: Answer.Form) throws(PrivataError) -> Value {
    switch value {
    case .array(let elements):
      var rows: [Value] = []
      for element in elements { rows.append(try row(element, form)) }
      return .array(rows)
    case .document: return try row(value, form)
    default: return isOne ? .null : .array([])
    }
  }

  private func row(_ value: Value, _ form: Answer.Form) throws(PrivataError) -> Value {
    guard case .document(let document) = value else { return .null }
    var elements: [Document.Element] = []
    for (key, member) in members {
      let answer = Answer(document[key] ?? .null, form)
      let value: Value =
        switch member {
        case .column(let column):
          answer.isNull ? .null : try column.codec.decode(answer)
        case .extra(let decoder): try decoder.decode(answer)
        case .relation(let shape): try shape.rows(answer.value, form)
        }
      elements.append(.init(key: key, value: value))
    }
    return .document(Document(elements))
  }
}

extension Answer {
  fileprivate var dialect: SQLDialect {
    if case .sqlite = form { .sqlite } else { .postgres }
  }
}

extension Renderer {
  mutating func write(_ plan: RelationalPlan) throws(PrivataError) -> RowShape {
    let scope = RelationScope(
      relations: plan.relations, key: plan.key, source: plan.source.aliased("d0"))
    var config = plan.config
    if plan.isFirst { config.limit = .rows(1) }
    let query = RelationLevel(scope: scope, config: config, depth: 0)
    let shape = try write(query, filter: nil, junction: nil)
    if let comment = plan.comment { write(" /*\(comment)*/") }
    var columns: [FieldType?] = []
    var members: [(key: String, node: RowShape.Node)] = []
    for (index, entry) in shape.members.enumerated() {
      switch entry.member {
      case .column(let column):
        columns.append(column.fieldType)
        members.append((entry.key, .cell(index, .column(column))))
      case .extra(let decoder):
        columns.append(nil)
        members.append((entry.key, .cell(index, decoder)))
      case .relation(let inner):
        columns.append(.string)
        members.append((entry.key, .json(index, inner)))
      }
    }
    return RowShape(root: .object(members, isNullWhere: []), columns: columns)
  }

  /// Writes one level: the columns, the extras, then what is related.
  mutating func write(
    _ level: RelationLevel, filter link: SQL?, junction: (source: SQLSource, on: SQL)?
  ) throws(PrivataError) -> RelationShape {
    note(source: level.scope.source)
    write("select ")
    var members = try write(fields: level)
    let related = try level.related
    if members.isEmpty, related.isEmpty {
      throw PrivataError(
        .badArgument, "no fields are selected of '\(level.scope.key)'", model: level.scope.key)
    }
    for (index, step) in related.enumerated() {
      separate(members.isEmpty && index == 0)
      if dialect == .sqlite {
        members.append((step.relation.name, .relation(try write(subquery: step, of: level))))
      } else {
        let name = dialect.quote(step.relation.name)
        write("\(name).\"r\" as \(name)")
      }
    }
    try write(from: level, junction)
    for step in related where dialect == .postgres {
      members.append((step.relation.name, .relation(try write(lateral: step, of: level))))
    }
    try write(tail: level, link)
    return RelationShape(isOne: false, members: members)
  }

  /// Writes the columns and computed fields of a level.
  private mutating func write(
    fields level: RelationLevel
  ) throws(PrivataError) -> [(key: String, member: RelationShape.Member)] {
    var members: [(key: String, member: RelationShape.Member)] = []
    for column in try level.columns {
      separate(members.isEmpty)
      try write(column.codec.selection(of: column.sql, in: level.place, dialect))
      write(" as " + dialect.quote(column.key))
      members.append((column.key, .column(column)))
    }
    for (key, extra) in level.config.extras.entries {
      separate(members.isEmpty)
      let fragment = extra.make(level.scope.table)
      write("(")
      try write(fragment)
      write(") as " + dialect.quote(key))
      members.append((key, .extra(fragment.decoder)))
    }
    return members
  }

  private mutating func write(
    from level: RelationLevel, _ junction: (source: SQLSource, on: SQL)?
  ) throws(PrivataError) {
    write(" from ")
    try write(level.scope.source.asNamed)
    guard let junction else { return }
    note(source: junction.source)
    write(" inner join ")
    try write(junction.source.asNamed)
    try write(" on ", junction.on)
  }

  private mutating func write(tail level: RelationLevel, _ link: SQL?) throws(PrivataError) {
    var condition: SQL?
    if let filter = level.config.filter { condition = try level.scope.condition(filter) }
    try write(" where ", and(condition, link))
    try write(order: level.config.order?.make(level.scope.table) ?? [])
    try write(limit: level.config.limit?.bound, offset: level.config.offset?.bound)
  }

  private mutating func separate(_ isFirst: Bool) {
    if !isFirst { write(", ") }
  }

  private mutating func note(source: SQLSource) {
    if case .table(let table) = source {
      note(table.schema.map { "\($0).\(table.name)" } ?? table.name)
    }
  }

  // MARK: - PostgreSQL: lateral joins of JSON

  private mutating func write(
    lateral step: RelationLevel.Step, of level: RelationLevel
  ) throws(PrivataError) -> RelationShape {
    let isOne = step.relation.isOne
    write(" left join lateral(select ")
    write(
      isOne
        ? "row_to_json(\"t\".*) \"r\"" : "coalesce(json_agg(row_to_json(\"t\".*)), '[]') as \"r\"")
    write(" from (")
    var shape = try write(inner: step, of: level)
    write(") as \"t\") as \(dialect.quote(step.relation.name)) on true")
    shape.isOne = isOne
    return shape
  }

  // MARK: - SQLite: correlated subqueries of JSON

  private mutating func write(
    subquery step: RelationLevel.Step, of level: RelationLevel
  ) throws(PrivataError) -> RelationShape {
    let isOne = step.relation.isOne
    // The members are known once the inner query is written, and stand before it.
    var inner = self
    inner.clear()
    var shape = try inner.write(inner: step, of: level)
    let pairs = shape.members.map { key, member in
      let name = dialect.quote(key)
      let value = if case .relation = member { "json(\(name))" } else { name }
      return "\(dialect.literal(key)), \(value)"
    }
    let object = "json_object(\(pairs.joined(separator: ", ")))"
    write(
      isOne
        ? "(select \(object) as \"r\" from ("
        : "coalesce((select json_group_array(\(object)) as \"r\" from (")
    append(inner)
    write(isOne ? ") as \"t\")" : ") as \"t\"), json_array())")
    write(" as " + dialect.quote(step.relation.name))
    shape.isOne = isOne
    return shape
  }

  private mutating func write(
    inner step: RelationLevel.Step, of level: RelationLevel
  ) throws(PrivataError) -> RelationShape {
    let target = try level.scope.scope(of: step.relation, "d\(level.depth + 1)")
    let junction = try level.scope.junction(of: step.relation, "tr\(level.depth)")
    let link = try level.scope.link(step.relation, target, junction)
    var config = step.config
    if step.relation.isOne { config.limit = .rows(1) }
    let inner = RelationLevel(scope: target, config: config, depth: level.depth + 1)
    let between = junction.flatMap { source in link.join.map { (source: source, on: $0) } }
    return try write(inner, filter: link.condition, junction: between)
  }
}

/// One level of a relational query.
struct RelationLevel {
  let scope: RelationScope
  let config: RelationalConfig
  let depth: Int

  struct Step {
    let relation: Relation
    let config: RelationalConfig
  }

  var place: SelectionPlace { depth == 0 ? .relation : .json }

  /// The columns asked for: those named by true, in that order; else all but those named by false.
  var columns: [SQLColumn] {
    get throws(PrivataError) {
      let table = scope.table
      let all = scope.source.selection.fields.compactMap { entry in
        if case .column(let column) = entry.field { column } else { nil }
      }
      guard let asked = config.columns?.entries else { return all }
      for entry in asked where !all.contains(where: { $0.key == entry.key }) {
        throw PrivataError(
          .unknownField, "'\(scope.key)' has no column '\(entry.key)'", fields: [entry.key],
          model: scope.key)
      }
      if asked.isEmpty { return [] }
      let included = asked.filter(\.value)
      if !included.isEmpty { return included.map { table[$0.key] } }
      return all.filter { column in !asked.contains { $0.key == column.key } }
    }
  }

  /// The relations to follow.
  var related: [Step] {
    get throws(PrivataError) {
      var steps: [Step] = []
      for (name, config) in self.config.with.entries {
        guard let config else { continue }
        guard let relation = scope.relations.relation(name, of: scope.key) else {
          throw PrivataError(
            .unknownField, "'\(scope.key)' has no relation '\(name)'", fields: [name],
            model: scope.key)
        }
        steps.append(Step(relation: relation, config: config))
      }
      return steps
    }
  }
}
