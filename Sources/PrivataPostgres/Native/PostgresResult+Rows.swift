internal import PrivataCore

extension PostgresResult {
  /// The rows as cells, each column read as a field's type, or as its own where `fields` says
  /// nothing.
  ///
  /// - Throws: `wrongType` for a column that does not hold what the field's type needs; it names the
  ///   column, never a value.
  func rows(as fields: [FieldType?]?) throws(PrivataError) -> RowBatch {
    let readers = readers(fields)
    var batch = RowBatch(width: max(columnCount, 1))
    batch.reserve(rows: rowCount)
    for row in 0..<rowCount {
      for column in 0..<readers.count {
        guard let bytes = bytes(row: row, column: column) else {
          batch.appendNull()
          continue
        }
        guard readers[column].append(bytes, to: &batch) else { throw unreadable(column) }
      }
    }
    return batch
  }

  private func readers(_ fields: [FieldType?]?) -> [PostgresReader] {
    (0..<columnCount).map { column in
      let field = fields.flatMap { column < $0.count ? $0[column] : nil }
      return PostgresReader(type(column), isBinary: isBinary(column), as: field)
    }
  }

  private func unreadable(_ column: Int) -> PrivataError {
    PrivataError(
      .wrongType, "column \(columnName(column)) holds a value that the field's type cannot take",
      fields: [columnName(column)])
  }
}
