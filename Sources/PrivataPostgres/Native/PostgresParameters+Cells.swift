internal import PrivataCore
internal import PrivataSQL

extension PostgresParameters {
  /// Encodes the cells of a row of a plain insert, each of which is what its column holds, without a
  /// value between.
  ///
  /// - Throws: as the encoding of values.
  init(
    _ row: Int, of rows: RowBatch, as types: [PostgresType]
  ) throws(PrivataError) {
    self.init(capacity: rows.width)
    var problem: (column: Int, problem: ParameterProblem)?
    rows.withArena { arena in
      for column in 0..<rows.width {
        let form = column < types.count ? types[column].form : .other
        let cell = rows.cell(row: row, column: column)
        if let found = append(cell, as: form, arena), problem == nil { problem = (column, found) }
      }
    }
    if let problem {
      let type = problem.column < types.count ? types[problem.column] : .unspecified
      throw problem.problem.error(parameter: problem.column + 1, type)
    }
    if isTooLarge {
      throw PrivataError(.badArgument, "a statement's parameters exceed what Postgres takes")
    }
  }

  private mutating func append(
    _ cell: Cell, as form: PostgresType.Form, _ arena: UnsafeRawBufferPointer
  ) -> ParameterProblem? {
    switch (cell.tag, form) {
    case (.null, _): appendNull()
    case (.bytes, .bytea):
      append { $0.append(contentsOf: arena[Int(cell.word)..<Int(cell.word) + Int(cell.rest)]) }
    case (.element, .uuid):
      // Its sixteen bytes behind type, length and subtype.
      append { $0.append(contentsOf: arena[Int(cell.word) + 6..<Int(cell.word) + 22]) }
    // Where the server is to find the type by itself, it reads the text form.
    case (.text, _):
      let text = UnsafeRawBufferPointer(
        rebasing: arena[Int(cell.word)..<Int(cell.word) + Int(cell.rest)])
      append(isBinary: form == .text) { $0.append(contentsOf: text) }
      return text.contains(0) ? .zeroCharacter : nil
    case (.int32, .int4): append { $0.append(bigEndian: UInt32(truncatingIfNeeded: cell.word)) }
    case (.int32, .int8), (.int64, .int8), (.double, .float8):
      append { $0.append(bigEndian: cell.word) }
    case (.bool, .bool): append { $0.append(cell.word == 0 ? 0 : 1) }
    case (.date, .timestamp):
      let date = DateTime(milliseconds: Int64(bitPattern: cell.word))
      guard let micro = PostgresMoment.microseconds(date) else { return .wrongType }
      append { $0.append(bigEndian: UInt64(bitPattern: micro)) }
    case (.objectID, .bytea):
      append { bytes in
        bytes.append(bigEndian: cell.word)
        bytes.append(bigEndian: cell.rest)
      }
    default: return .wrongType
    }
    return nil
  }
}
