internal import PrivataCore
internal import PrivataSQL

extension Renderer {
  // MARK: - Insert

  mutating func write(_ plan: InsertPlan) throws(PrivataError) -> RowShape? {
    try write(with: plan.with)
    write("insert into ")
    try write(reference: .table(plan.table))
    let columns = try plan.columns
    write(" (" + columns.map { dialect.quote($0.name) }.joined(separator: ", ") + ") ")
    if plan.overridesIdentity { write("overriding system value ") }
    switch plan.rows {
    case .none: throw PrivataError(.badArgument, "an insert needs values: add .values(…)")
    case .values(let rows): try write(rows: rows, columns, plan)
    case .select(let statement, _): try write(statement)
    case .raw(let fragment): try write(fragment)
    }
    for conflict in plan.conflicts { try write(conflict, plan.table) }
    return try write(returning: plan.returning, isSingle: true, comment: plan.comment)
  }

  private mutating func write(
    rows: [[String: SQLValue]], _ columns: [SQLColumn], _ plan: InsertPlan
  ) throws(PrivataError) {
    if rows.isEmpty { throw PrivataError(.badArgument, "an insert needs at least one row") }
    write("values ")
    for (index, row) in rows.enumerated() {
      try plan.table.checkKeys(of: row)
      write(index > 0 ? ", (" : "(")
      for (position, column) in columns.enumerated() {
        if position > 0 { write(", ") }
        try write(column.inserted(row[column.key], dialect))
      }
      write(")")
    }
  }

  private mutating func write(
    _ conflict: InsertPlan.Conflict, _ table: SQLTable
  ) throws(PrivataError) {
    write(" on conflict")
    if !conflict.target.isEmpty {
      write(" (")
      isBare = dialect == .postgres
      try write(list: conflict.target)
      isBare = false
      write(")")
      try write(" where ", conflict.targetCondition)
    }
    guard let set = conflict.set else { return write(" do nothing") }
    write(" do update set ")
    try write(set: set, of: table)
    try write(" where ", conflict.condition)
  }

  // MARK: - Update

  mutating func write(_ plan: UpdatePlan) throws(PrivataError) -> RowShape? {
    let condition = try plan.condition.checked("update", plan.table)
    try write(with: plan.with)
    write("update ")
    try write(from: .table(plan.table))
    write(" set ")
    try write(set: plan.set, of: plan.table)
    if let from = plan.from {
      write(" from ")
      try write(from: from)
    }
    for join in plan.joins { try write(join) }
    try write(" where ", condition)
    if dialect == .postgres, !plan.ordering.isEmpty || plan.limit != nil {
      throw PrivataError(.unsupported, "PostgreSQL knows no order and no limit of an update")
    }
    let isSingle = dialect == .sqlite || plan.from == nil
    let shape = try write(
      returning: plan.returning, isSingle: isSingle, comment: nil,
      nullable: plan.nullableHandles)
    try write(order: plan.ordering)
    try write(limit: plan.limit, offset: nil)
    if let comment = plan.comment { write(" /*\(comment)*/") }
    return shape
  }

  /// Writes assignments in the order of the table's columns, what updates fill in among them.
  private mutating func write(
    set: [String: SQLValue], of table: SQLTable
  ) throws(PrivataError) {
    try table.checkKeys(of: set)
    if set.isEmpty { throw PrivataError(.badArgument, "an update needs values to set") }
    var isFirst = true
    for column in table.columns {
      guard let value = set[column.key] ?? column.definition?.onUpdate?() else { continue }
      if !isFirst { write(", ") }
      isFirst = false
      write(dialect.quote(column.name) + " = ")
      try write(value.fragment(for: column))
    }
  }

  // MARK: - Delete

  mutating func write(_ plan: DeletePlan) throws(PrivataError) -> RowShape? {
    let condition = try plan.condition.checked("delete", plan.table)
    try write(with: plan.with)
    write("delete from ")
    try write(from: .table(plan.table))
    try write(" where ", condition)
    if dialect == .postgres, !plan.ordering.isEmpty || plan.limit != nil {
      throw PrivataError(.unsupported, "PostgreSQL knows no order and no limit of a delete")
    }
    let shape = try write(returning: plan.returning, isSingle: true, comment: nil)
    try write(order: plan.ordering)
    try write(limit: plan.limit, offset: nil)
    if let comment = plan.comment { write(" /*\(comment)*/") }
    return shape
  }

  // MARK: - Returning, refresh

  private mutating func write(
    returning: Selection?, isSingle: Bool, comment: String?, nullable: Set<String> = []
  ) throws(PrivataError) -> RowShape? {
    defer { if let comment { write(" /*\(comment)*/") } }
    guard let returning else { return nil }
    write(" returning ")
    return try write(fields: returning, isSingle: isSingle, nullable: nullable)
  }

  mutating func write(_ plan: RefreshPlan) throws(PrivataError) {
    if plan.isConcurrent, plan.isWithoutData {
      throw PrivataError(
        .badArgument, "a refresh cannot be both concurrent and without data")
    }
    write("refresh materialized view ")
    if plan.isConcurrent { write("concurrently ") }
    try write(reference: .view(plan.view))
    if plan.isWithoutData { write(" with no data") }
  }
}

// MARK: - What is inserted

extension InsertPlan {
  /// The columns that the insert lists.
  var columns: [SQLColumn] {
    get throws(PrivataError) {
      if case .select(_, let keys) = rows {
        var columns: [SQLColumn] = []
        for key in keys {
          guard let column = table.column(key) else { throw table.unknown(key) }
          columns.append(column)
        }
        return columns
      }
      return table.columns.filter {
        !($0.definition?.isLeftOut(overridingIdentity: overridesIdentity) ?? false)
      }
    }
  }
}

extension SQLColumn {
  /// What an insert writes for the column. PostgreSQL fills in its own defaults; SQLite knows no
  /// word for them among values, so what the table says is written.
  fileprivate func inserted(_ value: SQLValue?, _ dialect: SQLDialect) -> SQL {
    if let value { return value.fragment(for: self) }
    let filled =
      definition?.onInsert ?? (definition?.defaultValue == nil ? definition?.onUpdate : nil)
    if dialect == .postgres {
      return filled?().fragment(for: self) ?? SQL("default")
    }
    switch definition?.defaultValue {
    case .value(let value)?: return SQL([.parameter(value, encoder: self)])
    case .sql(let fragment)?: return fragment
    case .now?: return SQL(unsafeRaw: SQLiteClock.now)
    case nil: return filled?().fragment(for: self) ?? SQL("null")
    }
  }
}

extension SQLTable {
  /// - Throws: `unknownField` for a key that is no column.
  fileprivate func checkKeys(of row: [String: SQLValue]) throws(PrivataError) {
    for key in row.keys.sorted() where column(key) == nil { throw unknown(key) }
  }

  func unknown(_ key: String) -> PrivataError {
    PrivataError(
      .unknownField, "table '\(logicalName)' has no column '\(key)'", fields: [key],
      model: logicalName)
  }
}

extension UpdatePlan {
  var nullableHandles: Set<String> {
    var plan = SelectPlan()
    plan.from = from
    plan.joins = joins
    return plan.nullableHandles
  }
}

extension Optional<WriteCondition> {
  /// The condition of a write.
  ///
  /// - Throws: `unboundedDelete` where nothing was said about which rows are meant.
  func checked(_ verb: String, _ table: SQLTable) throws(PrivataError) -> SQL? {
    switch self {
    case .all?: nil
    case .matching(let condition)?: condition
    case nil:
      throw PrivataError(
        .unboundedDelete,
        "an \(verb) of '\(table.logicalName)' says nothing about its rows: add .where(…), "
          + "or .where(.all) for all of them", model: table.logicalName)
    }
  }
}

/// SQLite's expression for the current time in milliseconds.
enum SQLiteClock {
  static let now = "(cast((julianday('now') - 2440587.5)*86400000 as integer))"
}
