package import PrivataCore

/// The statement that adds one record.
struct SQLInsert {
  let layout: TableLayout

  /// `columns` are positions of ``TableLayout/storedNames``; the row's values are the parameters, in
  /// that order, and those of `onConflict` follow.
  func statement(
    _ columns: [Int], onConflict: Insert.OnConflict, returning: [String]
  ) throws(PrivataError) -> SQLCompiled {
    let names = layout.storedNames
    let types = layout.storedTypes
    var fragment: SQLFragment = "INSERT INTO \(layout.table) "
    if columns.isEmpty {
      fragment += "DEFAULT VALUES"
    } else {
      let list = columns.map { names[$0] }.joined(separator: ", ")
      // The row's own values come first; the machine puts them there.
      let marks = columns.map { SQLFragment.parameter(SQLSlot(.constant(.null)), types[$0]) }
      fragment += "(\(list)) VALUES (\(SQLFragment.joined(marks, by: ", ")))"
    }
    fragment += try conflict(onConflict)
    let returned = try returned(returning)
    if !returned.isEmpty {
      fragment += " RETURNING \(returned.map(layout.quoted).joined(separator: ", "))"
    }
    return SQLCompiled(
      fragment, dialect: layout.dialect, kind: "insert", collection: layout.model.collection,
      columns: returned.isEmpty ? nil : returned.map(\.type))
  }

  private func returned(_ fields: [String]) throws(PrivataError) -> [LayoutColumn] {
    guard !layout.isOpen else { return [] }
    var columns: [LayoutColumn] = []
    for field in fields { columns.append(try layout.requiredColumn(field)) }
    return columns
  }

  private func conflict(_ onConflict: Insert.OnConflict) throws(PrivataError) -> SQLFragment {
    switch onConflict {
    case .fail: return ""
    case .ignore(let fields): return " ON CONFLICT\(try target(fields)) DO NOTHING"
    case .update(let fields, .assign(let assignments)):
      let fields = fields.isEmpty ? layout.key.map(\.field) : fields
      let terms = try SQLAssignments(layout).terms(assignments)
      return " ON CONFLICT\(try target(fields)) DO UPDATE SET \(terms)"
    case .update:
      throw PrivataError(
        .unsupported, "a conflicting insert takes typed assignments", model: layout.model.name)
    }
  }

  private func target(_ fields: [String]) throws(PrivataError) -> String {
    guard !fields.isEmpty else { return "" }
    var names: [String] = []
    for field in fields { names.append(layout.quoted(try layout.requiredColumn(field))) }
    return " (\(names.joined(separator: ", ")))"
  }
}

extension TableLayout {
  /// The column of a field.
  ///
  /// - Throws: `unknownField` where it has none.
  package func requiredColumn(_ field: String) throws(PrivataError) -> LayoutColumn {
    if let column = column(field) { return column }
    throw PrivataError(
      .unknownField, "\(model.name) has no column for the field \(field)", fields: [field],
      model: model.name)
  }
}
