internal import PrivataCore
internal import PrivataSQL

/// How the columns of a statement's results are read, kept with the statement's shape.
struct PostgresColumns: Sendable {
  let readers: [PostgresReader]
  let names: [String]
  /// The types that the statement says, by column; `nil` follows from the column's own.
  let fields: [FieldType?]?
  /// True where columns that no field's type decodes are the server's text.
  let keepsText: Bool
  /// True where all columns are plain.
  fileprivate let isPlain: Bool
  /// The columns whose cells lie in the arena.
  fileprivate let texts: [Int]

  init(_ result: PostgresResult, _ fields: [FieldType?]?, keepsText: Bool = false) {
    self.fields = fields
    self.keepsText = keepsText
    names = (0..<result.columnCount).map { result.columnName($0) }
    let readers = (0..<result.columnCount).map { column in
      let field = fields.flatMap { column < $0.count ? $0[column] : nil }
      return PostgresReader(
        result.type(column), isBinary: result.isBinary(column), as: field,
        keepsText: keepsText && (field == nil || field == .string))
    }
    self.readers = readers
    isPlain = readers.allSatisfy(\.isPlain)
    texts = readers.indices.filter { readers[$0].isOfArena }
  }

  /// The numbers of the columns' types, where texts were asked for.
  var types: [UInt32] { keepsText ? readers.map(\.type.oid) : [] }

  /// True where a result has just these columns: a table may have changed since.
  func describe(_ result: PostgresResult) -> Bool {
    guard readers.count == result.columnCount else { return false }
    for column in readers.indices {
      let reader = readers[column]
      guard reader.type == result.type(column), reader.isBinary == result.isBinary(column) else {
        return false
      }
    }
    return true
  }

  fileprivate func field(_ column: Int) -> FieldType? {
    fields.flatMap { column < $0.count ? $0[column] : nil }
  }
}

extension PostgresResult {
  /// The rows as cells.
  ///
  /// - Throws: `wrongType` for a column that does not hold what the field's type needs; it names the
  ///   column, never a value.
  func rows(_ columns: PostgresColumns) throws(PrivataError) -> RowBatch {
    let width = columns.readers.count
    let count = rowCount
    if columns.isPlain, width > 0, let batch = plainRows(columns) { return batch }
    var batch = RowBatch(width: max(width, 1))
    batch.reserve(rows: count, bytes: bytesOfFirstRow * count)
    for row in 0..<count {
      for column in 0..<width {
        guard let bytes = bytes(row: row, column: column) else {
          batch.appendNull()
          continue
        }
        let isRead = columns.readers[column].append(bytes, to: &batch, as: columns.field(column))
        guard isRead else { throw unreadable(column) }
      }
    }
    return batch
  }

  /// The rows where every cell has the form that its column promises, else `nil`; written with one
  /// reservation for all.
  private func plainRows(_ columns: PostgresColumns) -> RowBatch? {
    let count = rowCount
    var batch = RowBatch(width: columns.readers.count)
    guard count > 0 else { return batch }
    var room = 0
    for column in columns.texts {
      for row in 0..<count { room += length(row: row, column: column) }
    }
    var isPlain = true
    batch.appendRows(upTo: count, bytes: room) { pen in
      for row in 0..<count {
        for (column, reader) in columns.readers.enumerated() {
          if let bytes = bytes(row: row, column: column) {
            isPlain = reader.write(bytes, with: &pen) && isPlain
          } else {
            pen.append(.null)
          }
        }
      }
    }
    return isPlain ? batch : nil
  }

  /// The rows of a statement that is not kept.
  func rows(as fields: [FieldType?]?) throws(PrivataError) -> RowBatch {
    try rows(PostgresColumns(self, fields))
  }

  /// A guess at what a row takes, so that the batch seldom grows.
  private var bytesOfFirstRow: Int {
    guard rowCount > 0 else { return 0 }
    return (0..<columnCount).reduce(8) { $0 + length(row: 0, column: $1) }
  }

  private func unreadable(_ column: Int) -> PrivataError {
    PrivataError(
      .wrongType, "column \(columnName(column)) holds a value that the field's type cannot take",
      fields: [columnName(column)])
  }
}
