package import PrivataCore

extension InsertPlan {
  /// The rows of an insert whose cells are what their columns hold, so that a driver can bind them
  /// from where they are; `nil` where values have to be converted, filled in or answered.
  package func plainCells(of insert: Insert) -> RowBatch? {
    if case .documents(let documents) = insert.rows {
      guard insert.isOrdered, returning.isEmpty, case .fail = insert.onConflict, generated == nil,
        bound.layout.isOpen, bound.layout.keyed.isEmpty, whole.slots.count == columns.count
      else { return nil }
      return documentCells(documents)
    }
    guard case .cells(_, let rows) = insert.rows, insert.isOrdered, returning.isEmpty,
      case .fail = insert.onConflict, generated == nil, !bound.layout.isOpen,
      whole.slots.count == rows.width, columns.count == rows.width, !rows.isEmpty
    else { return nil }
    let tags = columns.map { bound.layout.columns[$0].type.plainTags }
    for row in 0..<rows.count {
      for column in 0..<rows.width {
        let cell = rows.cell(row: row, column: column)
        guard tags[column] & 1 << UInt32(cell.tag.rawValue) != 0 else { return nil }
        if cell.tag == .element, !rows.isUUID(cell) { return nil }
      }
    }
    return rows
  }
}

// MARK: - Documents of open models

extension InsertPlan {
  /// The rows of documents whose fields come in the order of the columns and are of their types; `nil`
  /// where one of them holds more than that.
  private func documentCells(_ documents: [Document]) -> RowBatch? {
    let layout = bound.layout
    guard let key = layout.key.first, layout.model.primaryKey.count == 1, key.type == .objectID,
      layout.columns.first?.field == key.field, !documents.isEmpty
    else { return nil }
    var rows = RowBatch(width: columns.count)
    rows.reserve(rows: documents.count, bytes: 64 * documents.count)
    for document in documents {
      guard append(document, layout, to: &rows) else { return nil }
    }
    return rows
  }

  private func append(
    _ document: Document, _ layout: TableLayout, to rows: inout RowBatch
  ) -> Bool {
    let elements = document.elements
    let all = elements.span
    var next = 0
    for index in 0..<all.count {
      // What is left out is null, but the key never is.
      while next < layout.columns.count, layout.columns[next].field != all[index].key {
        guard next > 0 else { return false }
        rows.appendNull()
        next += 1
      }
      guard next < layout.columns.count else { return false }
      let type = layout.columns[next].type
      guard type.isBoundAsCell, type.keeps(all[index].value, in: .sqlite) else { return false }
      rows.append(all[index].value)
      next += 1
    }
    guard next > 0 else { return false }
    // The columns that nothing was given for, the rest and the mark of odd values.
    for _ in next..<columns.count { rows.appendNull() }
    return true
  }
}

extension FieldType {
  /// True where what a column keeps is bound from its cell.
  fileprivate var isBoundAsCell: Bool {
    switch self {
    case .bool, .int32, .int64, .double, .number, .date, .objectID, .string, .varchar, .binary,
      .uuid:
      true
    default: false
    }
  }

  /// The cells that are bound to a column of this type as they are, as a set of bits.
  fileprivate var plainTags: UInt32 {
    let tags: [Cell.Tag]
    switch self {
    case .bool: tags = [.bool]
    case .int32: tags = [.int32]
    case .int64: tags = [.int32, .int64]
    case .double: tags = [.double]
    case .date: tags = [.date]
    case .objectID: tags = [.objectID]
    case .string, .varchar: tags = [.text]
    case .binary: tags = [.bytes]
    case .uuid: tags = [.element]
    default: return 0
    }
    return tags.reduce(1 << UInt32(Cell.Tag.null.rawValue)) { $0 | 1 << UInt32($1.rawValue) }
  }
}
