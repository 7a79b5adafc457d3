/// One row of a ``RowBatch``, from which a typed model reads its fields by position.
public struct RowView: Sendable {
  @usableFromInline let batch: RowBatch
  @usableFromInline var start: Int

  @inlinable init(batch: RowBatch, index: Int) {
    self.batch = batch
    start = index * batch.width
  }

  @inlinable init(batch: RowBatch, start: Int) {
    self.batch = batch
    self.start = start
  }

  /// The row from a cell on: where several models lie in one row, each reads from its first cell.
  @inlinable public func dropFirst(_ cells: Int) -> RowView {
    RowView(batch: batch, start: start + cells)
  }

  /// Moves to the next row, so that the batch is not retained for each of many.
  @inlinable public mutating func advance() { start += batch.width }

  /// The number of cells.
  @inlinable public var count: Int { batch.width }

  /// The cell at a position.
  @inlinable public subscript(position: Int) -> Cell { batch.cells[start + position] }

  /// The field at a position, decoded.
  ///
  /// - Throws: ``PrivataError`` with `wrongType` that names the position, never the value.
  @inline(__always)
  @inlinable public func decode<F: FieldValue>(
    _ type: F.Type = F.self, at position: Int
  ) throws(PrivataError) -> F {
    let cell = batch.cells[start + position]
    guard let value = F(cell: cell, in: batch) else { throw RowView.mismatch(position, cell.tag) }
    return value
  }

  @inline(never)
  @usableFromInline static func mismatch(_ position: Int, _ tag: Cell.Tag) -> PrivataError {
    PrivataError(.wrongType, "cell \(position) holds \(tag), which the field's type cannot take")
  }
}

extension RowBatch {
  /// All rows as models; the batch holds every field of the model's schema in order.
  @inlinable public func decode<M: Model>(_ type: M.Type = M.self) throws(PrivataError) -> [M] {
    let count = count
    guard count > 0 else { return [] }
    var models: [M] = []
    models.reserveCapacity(count)
    // One view moves over the rows, so that the batch is not retained for each.
    var view = row(0)
    for _ in 0..<count {
      models.append(try M(from: view))
      view.start += width
    }
    return models
  }

  /// The first row as a model, `nil` without rows.
  @inlinable public func first<M: Model>(as type: M.Type = M.self) throws(PrivataError) -> M? {
    isEmpty ? nil : try M(from: row(0))
  }
}

/// Builds the cells of one row after another, in the order of a model's fields.
public struct RowWriter: Sendable {
  @usableFromInline var batch: RowBatch

  /// A writer of rows with that many cells.
  public init(width: Int) { batch = RowBatch(width: width) }

  /// Appends a field's value.
  @inlinable public mutating func append(_ value: some FieldValue) { value.append(to: &batch) }

  /// The rows written so far.
  public var rows: RowBatch { batch }
}
