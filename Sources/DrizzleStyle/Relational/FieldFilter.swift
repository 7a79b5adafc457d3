internal import PrivataCore

/// What a relational filter says about one column.
struct FieldFilter {
  let column: SQLColumn

  func condition(_ value: FilterValue) throws(PrivataError) -> SQL? {
    switch value {
    case .value(.null):
      throw PrivataError(
        .badArgument, "null is no condition on '\(column.key)': say isNull or isNotNull",
        fields: [column.key])
    case .object(let operators):
      var parts: [SQL] = []
      for (name, operand) in operators.parts {
        if let part = try apply(name, operand) { parts.append(part) }
      }
      return and(parts)
    case .list(let elements): return eq(column, Value.array(try values(elements)))
    default: return SQL([.column(column), .text(" = "), .nested(try operand(value))])
    }
  }

  private func apply(_ name: String, _ value: FilterValue) throws(PrivataError) -> SQL? {
    if let sign = Self.signs[name] {
      let right = try operand(value)
      return SQL([.column(column), .text(" \(sign) "), .nested(right)])
    }
    switch (name, value) {
    case ("in", .list(let elements)): return inArray(column, try operands(elements))
    case ("notIn", .list(let elements)): return notInArray(column, try operands(elements))
    case ("in", .sql(let query)): return SQL([.column(column), .text(" in "), .nested(query)])
    case ("notIn", .sql(let query)):
      return SQL([.column(column), .text(" not in "), .nested(query)])
    case ("isNull", .value(let flag)): return flag == .bool(true) ? isNull(column) : nil
    case ("isNotNull", .value(let flag)): return flag == .bool(true) ? isNotNull(column) : nil
    case ("OR", .list(let filters)): return try list(filters).map { or($0) }
    case ("AND", .list(let filters)): return try list(filters).flatMap { and($0) }
    case ("NOT", _): return try condition(value).map { not($0) }
    default: return try array(name, value)
    }
  }

  private static let signs = [
    "eq": "=", "ne": "<>", "gt": ">", "gte": ">=", "lt": "<", "lte": "<=", "like": "like",
    "notLike": "not like", "ilike": "ilike", "notIlike": "not ilike",
  ]

  private func array(_ name: String, _ value: FilterValue) throws(PrivataError) -> SQL {
    guard case .list(let elements) = value else { throw unknown(name) }
    switch name {
    case "arrayContains": return arrayContains(column, try values(elements))
    case "arrayContained": return arrayContained(column, try values(elements))
    case "arrayOverlaps": return arrayOverlaps(column, try values(elements))
    default: throw unknown(name)
    }
  }

  private func unknown(_ name: String) -> PrivataError {
    PrivataError(
      .unknownOperator, "no operator '\(name)' on '\(column.key)'", fields: [column.key])
  }

  private func list(_ filters: [FilterValue]) throws(PrivataError) -> [SQL]? {
    var conditions: [SQL] = []
    for filter in filters {
      if let condition = try condition(filter) { conditions.append(condition) }
    }
    return conditions.isEmpty ? nil : conditions
  }

  private func operand(_ value: FilterValue) throws(PrivataError) -> SQL {
    switch value {
    case .value(let value): SQL([.parameter(value, encoder: column)])
    case .placeholder(let name): SQL([.placeholder(name, encoder: nil)])
    case .sql(let fragment): fragment
    case .list(let elements): SQL([.parameter(.array(try values(elements)), encoder: column)])
    case .object, .raw:
      throw PrivataError(
        .badArgument, "'\(column.key)' is compared with what is no value", fields: [column.key])
    }
  }

  private func operands(_ values: [FilterValue]) throws(PrivataError) -> [any SQLOperand] {
    var operands: [any SQLOperand] = []
    for value in values { operands.append(try operand(value)) }
    return operands
  }

  private func values(_ elements: [FilterValue]) throws(PrivataError) -> [Value] {
    var values: [Value] = []
    for element in elements {
      switch element {
      case .value(let value): values.append(value)
      case .list(let inner): values.append(.array(try self.values(inner)))
      default:
        throw PrivataError(
          .badArgument, "a list of '\(column.key)' holds what is no value", fields: [column.key])
      }
    }
    return values
  }
}
