internal import PrivataCore

/// Typed changes as the terms of `SET`.
struct SQLAssignments {
  let layout: TableLayout

  init(_ layout: TableLayout) { self.layout = layout }

  /// The terms; the values are found in the changes at run.
  func terms(_ assignments: [Assignment]) throws(PrivataError) -> SQLFragment {
    var terms: [SQLFragment] = []
    for (index, assignment) in assignments.enumerated() {
      let column = try layout.requiredColumn(assignment.field)
      terms.append("\(layout.quoted(column)) = \(try value(assignment, column, index))")
    }
    return .joined(terms, by: ", ")
  }

  private func value(
    _ assignment: Assignment, _ column: LayoutColumn, _ index: Int
  ) throws(PrivataError) -> SQLFragment {
    let isPush = assignment.operation == .push
    let value = SQLFragment.parameter(
      SQLSlot(.changes([index]), isPush ? .wrapped : .plain), column.type)
    // Inside DO UPDATE a bare name could also mean the new row's.
    let own = "\(layout.table).\(layout.quoted(column))"
    switch assignment.operation {
    case .set: return value
    case .unset: return "NULL"
    case .push: return push(own, value, column)
    case .increment: return try arithmetic(own, "+", value, column)
    case .decrement: return try arithmetic(own, "-", value, column)
    case .multiply: return try arithmetic(own, "*", value, column)
    case .divide: return try arithmetic(own, "/", value, column)
    }
  }

  private func arithmetic(
    _ own: String, _ sign: String, _ value: SQLFragment, _ column: LayoutColumn
  ) throws(PrivataError) -> SQLFragment {
    switch column.type {
    case .int32, .int64, .double, .number: return "\(own) \(sign) \(value)"
    case .decimal where layout.dialect == .postgres: return "\(own) \(sign) \(value)"
    // Decimals are text in SQLite; the driver registers their arithmetic.
    case .decimal: return "\(SQLDialect.decimalFunction)(\(own), '\(sign)', \(value))"
    default:
      throw PrivataError(
        .wrongType, "\(layout.model.name).\(column.field) is no number", fields: [column.field],
        model: layout.model.name)
    }
  }

  private func push(_ own: String, _ value: SQLFragment, _ column: LayoutColumn) -> SQLFragment {
    switch layout.dialect {
    case .postgres: return "coalesce(\(own), '{}') || \(value)"
    case .sqlite:
      // On the text, because SQLite's own functions round the numbers of the list.
      return """
        CASE WHEN coalesce(\(own), '[]') = '[]' THEN \(value) WHEN \(value) = '[]' THEN \(own) \
        ELSE substr(\(own), 1, length(\(own)) - 1) || ',' || substr(\(value), 2) END
        """
    }
  }
}

extension SQLDialect {
  /// SQLite: the function that the driver registers for arithmetic on decimals in text.
  package static let decimalFunction = "privata_decimal_op"
}
