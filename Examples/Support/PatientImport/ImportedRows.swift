public import PrivataCore

/// What an import read, and what it found wrong.
public struct ImportedRows: Sendable {
  /// One row that was kept.
  public struct Row: Sendable {
    /// Its line in the file, from 1.
    public var line: Int
    /// The cells that could be read, by field. An empty cell is absent.
    public var document: Document
    /// Cells that could not be read, by field, as they stand in the file.
    public var unread: [String: Protected<String>]
  }

  /// The rows that were kept, in the order of the file.
  public var rows: [Row] = []
  /// Everything that was wrong, in the order of the file.
  public var problems: [CellProblem] = []
  /// The number of rows that were left out.
  public var refused = 0

  /// The documents of the rows.
  public var documents: [Document] { rows.map(\.document) }
}
