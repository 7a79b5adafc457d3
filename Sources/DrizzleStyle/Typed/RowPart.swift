public import PrivataCore

/// What a typed row is read as: a model, or several side by side.
public protocol TypedRow: Sendable {
  /// A row.
  associatedtype Row: Sendable
  /// Reads the cells of a row from its first on, and leaves what follows.
  static func read(_ rest: inout RowView) throws(PrivataError) -> Row
}

/// A part of a typed row: a model, or one that a join may leave empty.
public protocol RowPart: TypedRow {
  /// What the part is where it is there.
  associatedtype Base: Sendable
  /// Reads the part, `nil` where the row has no such record.
  static func readIfPresent(_ rest: inout RowView) throws(PrivataError) -> Base?
}

/// A model in every row.
public enum ModelPart<M: Model>: RowPart {
  /// Reads the record.
  @inlinable
  public static func read(_ rest: inout RowView) throws(PrivataError) -> M {
    let row = rest
    rest = rest.dropFirst(M.schema.fields.count)
    return try M(from: row)
  }

  /// Reads the record, `nil` where its key is null.
  @inlinable
  public static func readIfPresent(_ rest: inout RowView) throws(PrivataError) -> M? {
    let row = rest
    rest = rest.dropFirst(M.schema.fields.count)
    switch row[M.schema.primaryKey[0]].tag {
    case .null, .missing: return nil
    default: return try M(from: row)
    }
  }
}

/// A part that a join may leave empty.
public enum Empty<Part: RowPart>: RowPart {
  /// Reads the part, `nil` where the row has no such record.
  @inlinable
  public static func read(_ rest: inout RowView) throws(PrivataError) -> Part.Base? {
    try Part.readIfPresent(&rest)
  }

  /// Reads the part, `nil` where the row has no such record.
  @inlinable
  public static func readIfPresent(_ rest: inout RowView) throws(PrivataError) -> Part.Base? {
    try Part.readIfPresent(&rest)
  }
}

extension TypedRow {
  /// All rows of a batch.
  @inlinable
  static func rows(_ batch: RowBatch) throws(PrivataError) -> [Row] {
    let count = batch.count
    guard count > 0 else { return [] }
    var rows: [Row] = []
    rows.reserveCapacity(count)
    let width = batch.width
    // One view of the batch for all rows, so that the batch is not retained for each.
    var next = batch.row(0)
    for _ in 0..<count {
      var rest = next
      rows.append(try read(&rest))
      next = next.dropFirst(width)
    }
    return rows
  }
}

// Rows of two to five parts. A parameter pack would do for all, but the compiler does not infer
// packs that grow more than once in an expression.

/// Rows of two parts.
public enum Parts2<A: RowPart, B: RowPart>: TypedRow {
  /// Reads the parts.
  @inlinable
  public static func read(_ rest: inout RowView) throws(PrivataError) -> (A.Row, B.Row) {
    (try A.read(&rest), try B.read(&rest))
  }
}

/// Rows of three parts.
public enum Parts3<A: RowPart, B: RowPart, C: RowPart>: TypedRow {
  /// Reads the parts.
  @inlinable
  public static func read(_ rest: inout RowView) throws(PrivataError) -> (A.Row, B.Row, C.Row) {
    (try A.read(&rest), try B.read(&rest), try C.read(&rest))
  }
}

/// Rows of four parts.
public enum Parts4<A: RowPart, B: RowPart, C: RowPart, D: RowPart>: TypedRow {
  /// Reads the parts.
  @inlinable
  public static func read(
    _ rest: inout RowView
  ) throws(PrivataError) -> (A.Row, B.Row, C.Row, D.Row) {
    (try A.read(&rest), try B.read(&rest), try C.read(&rest), try D.read(&rest))
  }
}

/// Rows of five parts.
public enum Parts5<A: RowPart, B: RowPart, C: RowPart, D: RowPart, E: RowPart>: TypedRow {
  /// Reads the parts.
  @inlinable
  public static func read(
    _ rest: inout RowView
  ) throws(PrivataError) -> (A.Row, B.Row, C.Row, D.Row, E.Row) {
    (
      try A.read(&rest), try B.read(&rest), try C.read(&rest), try D.read(&rest),
      try E.read(&rest)
    )
  }
}
