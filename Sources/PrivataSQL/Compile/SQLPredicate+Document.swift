internal import PrivataCore

// MongoDB's filter language on columns. In a row that is not odd a scalar column holds a value of its
// type, or null for a field that is missing or null: both match `null` in MongoDB.

extension SQLPredicate {
  func documentCondition(_ filter: Document, at path: [Int]) -> SQLCondition {
    var conditions: [SQLCondition] = []
    for (index, element) in filter.elements.enumerated() {
      conditions.append(condition(element.key, element.value, at: path + [index]))
    }
    return .all(conditions)
  }

  private func condition(_ key: String, _ value: Value, at path: [Int]) -> SQLCondition {
    switch key {
    case "$and": return .all(branches(value, at: path))
    case "$or": return .any(branches(value, at: path))
    case "$nor": return SQLCondition.any(branches(value, at: path)).complement
    case "$comment": return .always(isExact: true)
    default: break
    }
    guard let column = layout.column(key) else { return keyedCondition(key, value, at: path) }
    guard isComparable(column) else { return .unknown }
    if case .document(let operators) = value, DocumentShape.isOperators(operators) {
      return condition(column, operators, at: path)
    }
    return equality(column, value, at: path)
  }

  private func branches(_ value: Value, at path: [Int]) -> [SQLCondition] {
    guard let branches = value.asArray else { return [.unknown] }
    return branches.enumerated().map { index, branch in
      guard let document = branch.asDocument else { return .unknown }
      return documentCondition(document, at: path + [index])
    }
  }

  private func condition(
    _ column: LayoutColumn, _ operators: Document, at path: [Int]
  ) -> SQLCondition {
    // `$options` belongs to `$regex`, and both are checked on the records.
    .all(
      operators.elements.enumerated().map { index, element in
        condition(column, element.key, element.value, at: path + [index])
      })
  }

  private func condition(
    _ column: LayoutColumn, _ name: String, _ value: Value, at path: [Int]
  ) -> SQLCondition {
    switch name {
    case "$eq": return equality(column, value, at: path)
    case "$ne": return equality(column, value, at: path).complement
    case "$gt": return comparison(column, ">", value, at: path)
    case "$gte": return comparison(column, ">=", value, at: path)
    case "$lt": return comparison(column, "<", value, at: path)
    case "$lte": return comparison(column, "<=", value, at: path)
    case "$in": return isIn(column, value, at: path)
    case "$nin": return isIn(column, value, at: path).complement
    case "$not":
      guard let operators = value.asDocument, DocumentShape.isOperators(operators) else {
        return .unknown
      }
      return condition(column, operators, at: path).complement
    default: return .unknown
    }
  }
}

// MARK: - One column, one value

extension SQLPredicate {
  /// True for a column whose values SQL compares as MongoDB does.
  private func isComparable(_ column: LayoutColumn) -> Bool {
    switch column.type {
    case .string, .varchar: comparesText
    case .document, .json, .array: false
    case .decimal: dialect == .sqlite
    default: true
    }
  }

  func equality(_ column: LayoutColumn, _ value: Value, at path: [Int]) -> SQLCondition {
    let shape = ValueShape(value)
    if shape == .null {
      if layout.isAnyKey(column) {
        return .exact("\(reference(column)) = \(parameter(path, .any))")
      }
      return .exact("\(reference(column)) IS NULL")
    }
    switch fit(shape, column.type) {
    case .same: return .exact("\(reference(column)) = \(parameter(path, column.type))")
    case .wider(let type): return .exact("\(reference(column)) = \(parameter(path, type))")
    case .never: return .never
    case .unknown: return .unknown
    }
  }

  private func comparison(
    _ column: LayoutColumn, _ sign: String, _ value: Value, at path: [Int]
  ) -> SQLCondition {
    let shape = ValueShape(value)
    if shape == .null {
      return sign.hasSuffix("=") ? .exact("\(reference(column)) IS NULL") : .never
    }
    // MongoDB orders binary values by length first.
    if column.type == .binary || column.type == .any { return .unknown }
    switch fit(shape, column.type) {
    case .same:
      return .exact("\(reference(column)) \(sign) \(parameter(path, column.type))")
    case .wider(let type):
      return .exact("\(reference(column)) \(sign) \(parameter(path, type))")
    // Values beyond all types, such as MinKey, compare with every type.
    case .never: return shape == .other ? .unknown : .never
    case .unknown: return .unknown
    }
  }

  private func isIn(_ column: LayoutColumn, _ value: Value, at path: [Int]) -> SQLCondition {
    guard let values = value.asArray else { return .unknown }
    let shape = ValueShape(elements: values)
    let others: ValueShape = [.regex, .decimal, .farDate, .other, .array, .document]
    guard shape.isDisjoint(with: others) else { return .unknown }
    guard dialect == .sqlite || !shape.contains(.zeroText) else { return .unknown }
    guard column.type != .any || layout.isOpen else { return .unknown }
    if layout.isAnyKey(column), shape.contains(.null) { return .unknown }
    let isNull = SQLCondition.exact("\(reference(column)) IS NULL")
    guard shape != .null else { return isNull }
    let isListed = values.isEmpty ? SQLCondition.never : .exact(membership(column, at: path))
    return shape.contains(.null) ? .any([isListed, isNull]) : isListed
  }
}

// MARK: - Which comparison is exact

/// How values of a shape compare with a column.
private enum Fit {
  /// As values of the column's type.
  case same
  /// As values of another type that the store compares exactly with the column's.
  case wider(FieldType)
  /// No value of the column is equal, less or greater: MongoDB compares within a type alone.
  case never
  /// Not decided by SQL.
  case unknown
}

extension SQLPredicate {
  private func fit(_ shape: ValueShape, _ type: FieldType) -> Fit {
    switch type {
    case .bool: shape == .bool ? .same : .never
    case .string, .varchar: regexOr(shape, .string)
    case .objectID: regexOr(shape, .objectID)
    case .uuid: shape == .uuid ? .same : (isBinary(shape) ? .unknown : .never)
    case .binary: shape == .bytes ? .same : (isBinary(shape) ? .unknown : .never)
    case .date: shape == .farDate ? .unknown : (shape == .date ? .same : .never)
    case .int32, .int64, .double, .number: numberFit(shape, type)
    case .decimal: shape == .decimal ? .same : (isNumber(shape) ? .unknown : .never)
    case .any: anyFit(shape)
    default: .unknown
    }
  }

  private func regexOr(_ shape: ValueShape, _ own: ValueShape) -> Fit {
    if shape == own { return .same }
    if shape == .zeroText, own == .string { return dialect == .sqlite ? .same : .unknown }
    return shape == .regex ? .unknown : .never
  }

  /// In a closed model equal numbers of different types have different bytes.
  private func anyFit(_ shape: ValueShape) -> Fit {
    if shape == .string || shape == .objectID { return .same }
    return layout.isOpen && shape.isDisjoint(with: [.regex, .array, .other]) ? .same : .unknown
  }

  private func isBinary(_ shape: ValueShape) -> Bool {
    shape == .uuid || shape == .bytes || shape == .otherBinary
  }

  private func isNumber(_ shape: ValueShape) -> Bool {
    !shape.isDisjoint(with: [.numbers, .nan, .decimal])
  }

  private func numberFit(_ shape: ValueShape, _ type: FieldType) -> Fit {
    switch (shape, type) {
    case (.nan, _), (.decimal, _): .unknown
    case (.int32, _): .same
    case (.int53, .int32): .wider(.int64)
    case (.int53, _): .same
    case (.int64, .int64): .same
    case (.int64, .int32): .wider(.int64)
    // SQLite compares integers with reals exactly, Postgres by rounding the integer.
    case (.int64, _): dialect == .sqlite ? .wider(.int64) : .unknown
    case (.real, .double), (.real, .number): .same
    case (.real, .int32): .wider(.double)
    case (.real, _): dialect == .sqlite ? .wider(.double) : .unknown
    default: isNumber(shape) ? .unknown : .never
    }
  }
}
