/// Something in a file that is not as its column asks: where it stands, what is wrong, and whether
/// the row was refused for it. Never what the cell holds.
///
/// ```swift
/// print(problem)  // patients.csv:12: column 21 (ZIP): is not a zip code of five digits; row kept
/// ```
public struct CellProblem: Sendable, Hashable, CustomStringConvertible {
  /// The file's name, without its folder.
  public var file: String
  /// The line in the file, from 1, the heading included.
  public var line: Int
  /// The cell in the line, from 1; `nil` where the line as a whole is wrong.
  public var column: Int?
  /// The column's heading.
  public var heading: String?
  /// What is wrong.
  public var reason: String
  /// True where the row was left out.
  public var isRefused: Bool

  public var description: String {
    let place =
      switch (column, heading) {
      case (let column?, let heading?): "column \(column) (\(heading)): "
      case (let column?, nil): "column \(column): "
      default: ""
      }
    return "\(file):\(line): \(place)\(reason); row \(isRefused ? "refused" : "kept")"
  }
}
