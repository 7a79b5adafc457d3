package import PrivataCore

extension InsertPlan {
  /// The rows of an insert whose cells are what their columns hold, so that a driver can bind them
  /// from where they are; `nil` where values have to be converted, filled in or answered.
  package func plainCells(of insert: Insert) -> RowBatch? {
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

extension FieldType {
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
