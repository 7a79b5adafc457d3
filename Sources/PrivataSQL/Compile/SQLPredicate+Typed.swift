internal import PrivataCore

// Typed conditions follow SQL: a comparison with null is neither true nor false.

extension SQLPredicate {
  func typedCondition(_ filter: Filter, at path: [Int]) throws(PrivataError) -> SQLCondition {
    switch filter {
    case .compare(let field, let comparison, let value):
      guard let column = try column(field) else { return .unknown }
      return compare(column, comparison, value, at: path)
    case .compareFields(let field, let comparison, let other):
      guard let a = try column(field), let b = try column(other) else { return .unknown }
      return .exact("\(reference(a)) \(comparison.rawValue) \(reference(b))")
    case .isIn(let field, let values):
      guard let column = try column(field), isListable(column, values) else { return .unknown }
      return .exact(membership(column, at: path))
    case .isNotIn(let field, let values):
      guard let column = try column(field), isListable(column, values) else { return .unknown }
      if values.contains(where: \.isNull) { return .never }
      return .exact("NOT (\(membership(column, at: path)))")
    case .isNull(let field):
      guard let column = try column(field) else { return .unknown }
      return .exact("\(reference(column)) IS NULL")
    case .isNotNull(let field):
      guard let column = try column(field) else { return .unknown }
      return .exact("\(reference(column)) IS NOT NULL")
    case .text(let field, let match, let needle, let ignoringCase):
      guard let column = try column(field), comparesText else { return .unknown }
      return text(column, match, needle, ignoringCase, at: path)
    case .list(let field, let match, _):
      guard let column = try column(field) else { return .unknown }
      return list(column, match, at: path)
    default: return .unknown
    }
  }

  /// The field's column; `nil` where an open model keeps the field elsewhere.
  private func column(_ field: String) throws(PrivataError) -> LayoutColumn? {
    if let column = layout.column(field) { return column }
    guard layout.isOpen else {
      throw PrivataError(
        .unknownField, "\(layout.model.name) has no field \(field)", fields: [field],
        model: layout.model.name)
    }
    return nil
  }

  private func compare(
    _ column: LayoutColumn, _ comparison: Filter.Comparison, _ value: Value, at path: [Int]
  ) -> SQLCondition {
    let sign = comparison.rawValue
    if value.isNull { return .never }
    switch column.type {
    case .string, .varchar:
      guard comparesText else { return .unknown }
    case .any where layout.isOpen:
      guard comparison == .equal || comparison == .notEqual else { return .unknown }
      return .exact("\(reference(column)) \(sign) \(parameter(path, .any))")
    case .document, .any, .json, .array:
      guard comparison == .equal || comparison == .notEqual else { return .unknown }
      let whole = SQLFragment.parameter(SQLSlot(.filter(path)), column.type)
      return .exact("\(reference(column)) \(sign) \(whole)")
    default: break
    }
    guard let type = parameterType(column.type, ValueShape(value)) else { return .unknown }
    return .exact("\(reference(column)) \(sign) \(parameter(path, type))")
  }

  /// The type in which a value meets a column; numbers meet in one that loses nothing.
  private func parameterType(_ type: FieldType, _ shape: ValueShape) -> FieldType? {
    switch type {
    case .int32: numberType(shape, own: .int32)
    case .int64: numberType(shape, own: .int64)
    case .double, .number: numberType(shape, own: .double)
    default: type.comparable(shape) ? type : nil
    }
  }

  private func numberType(_ shape: ValueShape, own: FieldType) -> FieldType? {
    switch shape {
    case .int32: own
    case .int53, .int64: own == .int32 ? .int64 : own
    case .real: .double
    default: nil
    }
  }

  private func isListable(_ column: LayoutColumn, _ values: [Value]) -> Bool {
    switch column.type {
    case .string, .varchar: comparesText
    case .any: layout.isOpen && !values.contains(where: \.isNull)
    case .document, .json, .array: false
    default: ValueShape(elements: values).isDisjoint(with: [.farDate])
    }
  }
}

extension FieldType {
  /// True where values of a shape compare with a column of this type.
  fileprivate func comparable(_ shape: ValueShape) -> Bool {
    switch self {
    case .bool: shape == .bool
    case .string, .varchar: shape == .string || shape == .zeroText
    case .date: shape == .date
    case .objectID: shape == .objectID
    case .uuid: shape == .uuid
    case .binary: shape == .bytes
    case .decimal: shape == .decimal
    default: false
    }
  }
}

// MARK: - Texts and lists

extension SQLPredicate {
  private func text(
    _ column: LayoutColumn, _ match: Filter.TextMatch, _ needle: String, _ ignoringCase: Bool,
    at path: [Int]
  ) -> SQLCondition {
    let shape = ValueShape(needle: needle)
    let name = reference(column)
    if shape == .emptyString, match != .like { return .exact("(\(name) IS NOT NULL OR NULL)") }
    if ignoringCase { return foldedText(name, match, shape, at: path) }
    let whole = SQLFragment.parameter(SQLSlot(.filter(path)), .string)
    switch (match, dialect) {
    case (.contains, .sqlite): return .exact("instr(\(name), \(whole)) > 0")
    case (.contains, .postgres): return .exact("strpos(\(name), \(whole)) > 0")
    case (.startsWith, _):
      if shape.contains(.wide) { return .exact("substr(\(name), 1, length(\(whole))) = \(whole)") }
      // A range, so that an index serves.
      let end = SQLFragment.parameter(SQLSlot(.filter(path), .afterPrefix), .string)
      return .exact("(\(name) >= \(whole) AND \(name) < \(end))")
    case (.endsWith, .sqlite): return .exact("substr(\(name), -length(\(whole))) = \(whole)")
    case (.endsWith, .postgres): return .exact("right(\(name), length(\(whole))) = \(whole)")
    case (.like, .sqlite):
      let glob = SQLFragment.parameter(SQLSlot(.filter(path), .glob), .string)
      return .exact("\(name) GLOB \(glob)")
    case (.like, .postgres): return .exact("\(name) LIKE \(whole)")
    }
  }

  /// Without regard to case: by SQL for ASCII needles, by the records' check for others, because
  /// neither store folds other letters in a text that compares byte by byte.
  private func foldedText(
    _ name: String, _ match: Filter.TextMatch, _ shape: ValueShape, at path: [Int]
  ) -> SQLCondition {
    guard !shape.contains(.wide) else { return .unknown }
    let conversion: SQLSlot.Conversion =
      switch match {
      case .contains: .like(prefix: "%", suffix: "%")
      case .startsWith: .like(prefix: "", suffix: "%")
      case .endsWith: .like(prefix: "%", suffix: "")
      case .like: .plain
      }
    let pattern = SQLFragment.parameter(SQLSlot(.filter(path), conversion), .string)
    let word = dialect == .sqlite ? "LIKE" : "ILIKE"
    return .exact("\(name) \(word) \(pattern) ESCAPE '\\'")
  }

  private func list(
    _ column: LayoutColumn, _ match: Filter.ListMatch, at path: [Int]
  ) -> SQLCondition {
    let name = reference(column)
    let whole = SQLFragment.parameter(SQLSlot(.filter(path)), column.type)
    switch (match, dialect) {
    case (.isEmpty, .sqlite): return .exact("json_array_length(\(name)) = 0")
    case (.isNotEmpty, .sqlite): return .exact("json_array_length(\(name)) > 0")
    case (.isEmpty, .postgres): return .exact("cardinality(\(name)) = 0")
    case (.isNotEmpty, .postgres): return .exact("cardinality(\(name)) > 0")
    case (.equals, _): return .exact("\(name) = \(whole)")
    case (.hasSome, .postgres): return .exact("\(name) && \(whole)")
    case (.hasEvery, .postgres): return .exact("\(name) @> \(whole)")
    case (.hasSome, .sqlite):
      return .exact(
        """
        CASE WHEN \(name) IS NOT NULL THEN EXISTS (SELECT 1 FROM json_each(\(name)) AS own \
        WHERE own.value IN (SELECT value FROM json_each(\(whole)))) END
        """)
    case (.hasEvery, .sqlite):
      return .exact(
        """
        CASE WHEN \(name) IS NOT NULL THEN NOT EXISTS (SELECT 1 FROM json_each(\(whole)) \
        AS wanted WHERE wanted.value NOT IN (SELECT value FROM json_each(\(name)))) END
        """)
    }
  }
}
