public import PrivataCore

/// What can be an element of a typed row: columns of models, expressions of a known type.
public protocol TypedField: Selectable {
  /// The type of its values.
  associatedtype Output: Sendable
  /// How the driver is to read it.
  var fieldType: FieldType? { get }
  /// Reads the value.
  func read(_ cell: Cell, in batch: RowBatch) throws(PrivataError) -> Output
}

extension ModelColumn: TypedField {
  /// The field's type.
  public var fieldType: FieldType? { column.fieldType }

  /// Reads the value.
  ///
  /// - Throws: `wrongType` that names the field; where the cell is null, say `.optional`.
  public func read(_ cell: Cell, in batch: RowBatch) throws(PrivataError) -> V {
    guard let value = V(cell: cell, in: batch) else {
      let hint = cell.tag == .null ? ": a join left it empty, select it with .optional" : ""
      throw PrivataError(
        .wrongType, "field '\(field.name)' holds \(cell.tag)\(hint)", fields: [field.name],
        model: M.schema.name)
    }
    return value
  }
}

/// An expression of a known type.
///
/// ```swift
/// db.select(users.role, count().as(Int.self)).from(users)   // [(String, Int)]
/// ```
public struct Expression<V: StoredFieldValue>: TypedField, SQLConvertible {
  /// The expression.
  public let sql: SQL

  /// The expression.
  public var selectedField: SelectedField { .expression(sql) }

  /// The type that the driver reads it as.
  public var fieldType: FieldType? { V.fieldType }

  /// Reads the value; a number in whichever form the database has it.
  public func read(_ cell: Cell, in batch: RowBatch) throws(PrivataError) -> V {
    if let value = V(cell: cell, in: batch) { return value }
    for form in (batch.value(of: cell) ?? .null).otherForms {
      var scratch = RowBatch(width: 1)
      scratch.append(form)
      if let value = V(cell: scratch.cell(row: 0, column: 0), in: scratch) { return value }
    }
    throw PrivataError(.wrongType, "an expression answers \(cell.tag), which \(V.self) is not")
  }
}

extension Value {
  /// The same number or text in other forms.
  fileprivate var otherForms: [Value] {
    let text = JSText.text(self)
    switch self {
    case .int32, .int64, .double, .decimal, .string:
      return [
        Int64(text).map { .int64($0) }, Double(text).map { .double($0) },
        Decimal128(text).map { .decimal($0) }, .string(text),
      ].compactMap { $0 }
    default: return []
    }
  }
}

extension SQL {
  /// Says the type of the expression's value.
  public func `as`<V: StoredFieldValue>(_ type: V.Type) -> Expression<V> { Expression(sql: self) }
}

/// An expression of SQL text with the type of its value.
///
/// ```swift
/// sql("upper(\(users.name))", as: String.self)
/// ```
public func sql<V: StoredFieldValue>(_ fragment: SQL, as type: V.Type) -> Expression<V> {
  Expression(sql: fragment)
}

/// A select of typed fields before its source is named.
public struct FieldStart<each F: TypedField>: Sendable {
  let plan: SelectPlan
  let fields: (repeat each F)
  let database: DatabaseHandle?

  /// Names what is selected from.
  public func from(_ source: some QuerySource) -> FieldSelect<repeat each F> {
    var plan = plan
    plan.from = source.source
    return FieldSelect(plan: plan, fields: (repeat each fields), database: database)
  }

  /// Names the model that is selected from.
  public func from<M: Model>(_ model: M.Type) -> FieldSelect<repeat each F> { from(M.table) }
}

/// A select of typed fields: rows are tuples.
///
/// ```swift
/// let users = User.table
/// let rows = try await db.select(users.id, users.email).from(users).all()   // [(Int64, String)]
/// ```
public struct FieldSelect<each F: TypedField>: SQLQuery {
  var plan: SelectPlan
  let fields: (repeat each F)
  let database: DatabaseHandle?

  /// The query.
  public var body: QueryBody {
    QueryBody(statement: .select(plan), selection: plan.resolvedFields)
  }

  private func changed(_ change: (inout SelectPlan) -> Void) -> FieldSelect<repeat each F> {
    var copy = self
    change(&copy.plan)
    return copy
  }

  /// Answers only rows that fulfil the condition, as well as those before it.
  public func `where`(_ condition: SQL?) -> FieldSelect<repeat each F> {
    changed { $0.condition = and($0.condition, condition) }
  }

  /// As ``where(_:)-(SQL?)``, of fields of a model.
  public func `where`<M: Model>(_ condition: Condition<M>) -> FieldSelect<repeat each F> {
    `where`(M.table.table.sql(condition.filter))
  }

  /// Makes one row of the rows with the same values.
  public func groupBy(_ expressions: any SQLConvertible...) -> FieldSelect<repeat each F> {
    changed { $0.grouping += expressions.map(\.sql) }
  }

  /// Answers only groups that fulfil the condition.
  public func having(_ condition: SQL) -> FieldSelect<repeat each F> {
    changed { $0.having = and($0.having, condition) }
  }

  /// The order of the rows, the most significant expression first.
  public func orderBy(_ expressions: any SQLConvertible...) -> FieldSelect<repeat each F> {
    changed { $0.ordering += expressions.map(\.sql) }
  }

  /// The most rows to answer.
  public func limit(_ rows: Int) -> FieldSelect<repeat each F> {
    changed { $0.limit = .number(rows) }
  }

  /// How many rows to leave out first.
  public func offset(_ rows: Int) -> FieldSelect<repeat each F> {
    changed { $0.offset = .number(rows) }
  }

  private func joined(
    _ kind: SelectPlan.JoinKind, _ source: some QuerySource, _ condition: SQL?
  ) -> FieldSelect<repeat each F> {
    changed { $0.joins.append(.init(kind: kind, source: source.source, on: condition)) }
  }

  /// Adds the rows of another source that fulfil the condition.
  public func innerJoin(_ source: some QuerySource, on condition: SQL) -> FieldSelect<repeat each F>
  {
    joined(.inner, source, condition)
  }

  /// As ``innerJoin(_:on:)``, but keeps rows without a match: select the fields of the other side
  /// with `.optional`.
  public func leftJoin(_ source: some QuerySource, on condition: SQL) -> FieldSelect<repeat each F>
  {
    joined(.left, source, condition)
  }

  /// Runs the query and answers all rows.
  public func all() async throws(PrivataError) -> [(repeat (each F).Output)] {
    let batch = try await plan.answer(on: database)
    var rows: [(repeat (each F).Output)] = []
    rows.reserveCapacity(batch.count)
    for row in 0..<batch.count {
      var column = 0
      rows.append((repeat try Self.read(each fields, batch, row, &column)))
    }
    return rows
  }

  /// Runs the query for one row and answers it.
  public func first() async throws(PrivataError) -> (repeat (each F).Output)? {
    try await limit(1).all().first
  }

  private static func read<One: TypedField>(
    _ field: One, _ batch: RowBatch, _ row: Int, _ column: inout Int
  ) throws(PrivataError) -> One.Output {
    defer { column += 1 }
    return try field.read(batch.cell(row: row, column: column), in: batch)
  }
}
