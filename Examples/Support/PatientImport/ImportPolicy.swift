/// What happens to a row with a bad cell. A row whose required cell is bad is refused always, for
/// nobody could say whose row it is.
///
/// ```swift
/// ImportPolicy(.keepRow, columns: ["BIRTHDATE": .refuseRow])
/// ```
public struct ImportPolicy: Sendable, Hashable {
  /// The two answers to a bad cell. Either way the cell is reported.
  public enum Answer: Sendable, Hashable {
    /// The row comes without what cannot be read; text stays as it stands in the file.
    case keepRow
    /// The row is left out.
    case refuseRow
  }

  /// The answer for columns that are not named below.
  public var answer: Answer
  /// Answers by heading.
  public var columns: [String: Answer]

  /// An answer for every column, and others for some.
  public init(_ answer: Answer = .keepRow, columns: [String: Answer] = [:]) {
    self.answer = answer
    self.columns = columns
  }

  func refuses(_ column: CSVColumn) -> Bool {
    column.isRequired || columns[column.heading, default: answer] == .refuseRow
  }
}
