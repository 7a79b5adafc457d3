internal import PrivataCore

extension SQLPredicate {
  /// The condition that a keyed index has the value at a path, for equality. Rows with several keys,
  /// and those that other programs wrote without one, are let through and checked afterwards.
  func keyedCondition(_ key: String, _ value: Value, at path: [Int]) -> SQLCondition {
    guard let index = layout.keyed.first(where: { $0.finds(key) }) else { return .unknown }
    var operand = value
    var path = path
    if case .document(let operators) = value, DocumentShape.isOperators(operators) {
      guard let place = operators.keys.firstIndex(of: "$eq") else { return .unknown }
      operand = operators.elements[place].value
      path.append(place)
    }
    guard isFound(ValueShape(operand)) else { return .unknown }
    let column = prefix + dialect.quote(index.column)
    let parameter = SQLFragment.parameter(SQLSlot(.filter(path), .indexKey), .binary)
    let several = dialect == .sqlite ? "X''" : "''::bytea"
    return .sql(
      "(\(column) IN (\(parameter), \(several)) OR \(column) IS NULL)", isExact: false)
  }

  private func isFound(_ shape: ValueShape) -> Bool {
    let found: ValueShape = [
      .bool, .int32, .int53, .int64, .real, .objectID, .date, .farDate, .uuid, .string,
      .zeroText,
    ]
    let texts: ValueShape = [.string, .zeroText]
    return !shape.isEmpty && shape.isSubset(of: found)
      && (comparesText || shape.isDisjoint(with: texts))
  }
}
