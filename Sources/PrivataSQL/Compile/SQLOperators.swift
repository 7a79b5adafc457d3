internal import PrivataCore

/// MongoDB's update operators as the terms of one `UPDATE`, where SQL does exactly what they mean:
/// plain values and arithmetic on scalar columns.
struct SQLOperators {
  /// `column = value`, for `SET`.
  var terms: [SQLFragment] = []
  /// What must be true of a row for the terms to be exact; other rows go through the engine.
  var guards: [SQLFragment] = []
  /// True of a row that the terms change; `nil` where every row counts as changed.
  var differences: [SQLFragment] = []

  private let layout: TableLayout

  /// `nil` where some operator is not exact in SQL.
  init?(_ operators: Document, _ layout: TableLayout, isUpsert: Bool) {
    self.layout = layout
    var touched: Set<String> = []
    for (index, element) in operators.elements.enumerated() {
      guard let changes = element.value.asDocument else { return nil }
      if element.key == "$setOnInsert", !isUpsert { continue }
      for (inner, change) in changes.elements.enumerated() {
        guard let column = layout.column(change.key), !layout.isKey(change.key) else { return nil }
        guard touched.insert(change.key).inserted else { return nil }
        guard add(element.key, column, change.value, [index, inner]) else { return nil }
      }
    }
    guard !terms.isEmpty else { return nil }
  }

  /// True of rows that the terms change.
  var difference: SQLFragment { "(\(SQLFragment.joined(differences, by: " OR ")))" }

  private mutating func add(
    _ name: String, _ column: LayoutColumn, _ value: Value, _ path: [Int]
  ) -> Bool {
    let own = layout.quoted(column)
    let parameter = SQLFragment.parameter(SQLSlot(.changes(path)), column.type)
    switch name {
    case "$set":
      guard layout.keepsAsIs(value, column) else { return false }
      set(own, parameter)
    case "$unset": set(own, "NULL")
    case "$inc", "$mul":
      guard isArithmetic(column, value) else { return false }
      let sign = name == "$inc" ? "+" : "*"
      let sum: SQLFragment = "\(own) \(sign) \(parameter)"
      guards.append(range(column, sign, parameter))
      terms.append("\(own) = \(sum)")
      differences.append(
        "\(own) \(layout.dialect.distinct) \(wide(column)) \(sign) \(parameter)")
    case "$min", "$max":
      guard layout.keepsAsIs(value, column), isOrdered(column) else { return false }
      guards.append("\(own) IS NOT NULL")
      let isLeast = name == "$min"
      let function =
        layout.dialect == .sqlite ? (isLeast ? "min" : "max") : (isLeast ? "LEAST" : "GREATEST")
      terms.append("\(own) = \(function)(\(own), \(parameter))")
      differences.append("\(own) \(isLeast ? ">" : "<") \(parameter)")
    default: return false
    }
    return true
  }

  private mutating func set(_ own: String, _ value: SQLFragment) {
    terms.append("\(own) = \(value)")
    differences.append("\(own) \(layout.dialect.distinct) \(value)")
    // An explicit null or an odd value of the field would lie in `_rest`.
    if layout.isOpen {
      guards.append("(\(own) IS NOT NULL OR \(layout.rest) IS NULL)")
    }
  }

  private func isOrdered(_ column: LayoutColumn) -> Bool {
    switch column.type {
    case .int32, .int64, .double, .string, .date: true
    default: false
    }
  }

  private func isArithmetic(_ column: LayoutColumn, _ value: Value) -> Bool {
    switch (column.type, value) {
    case (.int32, .int32), (.int64, .int32), (.int64, .int64), (.number, .int32): true
    case (.double, .int32): true
    case (.double, .double(let number)): number.isFinite
    default: false
    }
  }

  /// The column in a type that holds every result: Postgres checks the conditions of a row in an
  /// order of its own, and refuses the statement where one of them overflows.
  private func wide(_ column: LayoutColumn) -> String {
    let own = layout.quoted(column)
    switch (column.type, layout.dialect) {
    case (.int32, .postgres): return "\(own)::bigint"
    case (.int64, .postgres): return "\(own)::numeric"
    default: return own
    }
  }

  /// True of rows in which the result stays within the column's type.
  private func range(
    _ column: LayoutColumn, _ sign: String, _ parameter: SQLFragment
  ) -> SQLFragment {
    let own = layout.quoted(column)
    let wide = wide(column)
    let int32 = "BETWEEN -2147483648 AND 2147483647"
    switch (column.type, layout.dialect) {
    case (.int32, _): return "\(wide) \(sign) \(parameter) \(int32)"
    case (.number, .sqlite):
      return "(typeof(\(own)) = 'integer' AND \(own) \(sign) \(parameter) \(int32))"
    case (.number, .postgres):
      return """
        (\(own) = trunc(\(own)) AND \(own) \(int32) AND \(own) \(sign) \(parameter) \(int32))
        """
    // Beyond 64 bits SQLite goes on in reals.
    case (.int64, .sqlite): return "typeof(\(own) \(sign) \(parameter)) = 'integer'"
    case (.int64, .postgres):
      return """
        \(wide) \(sign) \(parameter) BETWEEN -9223372036854775808 AND 9223372036854775807
        """
    default: return "\(own) IS NOT NULL"
    }
  }
}

extension TableLayout {
  /// True where the column keeps the value as it is, in the layout's sense of keeping.
  func keepsAsIs(_ value: Value, _ column: LayoutColumn) -> Bool {
    if isOpen { return column.type.keeps(value, in: dialect) }
    return !value.isNull && column.type.isScalar && column.type.keeps(value, in: dialect)
  }
}
