/// Splits one line into cells. A cell may stand in double quotes and then hold the separator; two
/// quotes in it stand for one.
struct CSVLine {
  /// Why a line cannot be read.
  enum Failure: Error {
    case notUTF8
    /// The number of the cell whose quote is not closed, from 1.
    case openQuote(cell: Int)

    /// The number of the cell, from 1, where one is to blame.
    var cell: Int? { if case .openQuote(let cell) = self { cell } else { nil } }

    var reason: String {
      switch self {
      case .notUTF8: "is not UTF-8 text"
      case .openQuote: "opens a quote that the line does not close"
      }
    }
  }

  static func cells(
    of line: ArraySlice<UInt8>, separator: UInt8
  ) throws(Failure) -> [String] {
    guard let text = String(validating: line, as: UTF8.self) else { throw .notUTF8 }
    if !line.contains(quote) {
      return text.utf8.split(separator: separator, omittingEmptySubsequences: false)
        .map { String(Substring($0)) }
    }
    return try quotedCells(of: line, separator: separator)
  }

  private static let quote = UInt8(ascii: "\"")

  private static func quotedCells(
    of line: ArraySlice<UInt8>, separator: UInt8
  ) throws(Failure) -> [String] {
    var cells: [String] = []
    var cell: [UInt8] = []
    var isQuoted = false
    var index = line.startIndex
    while index < line.endIndex {
      let byte = line[index]
      let isDoubled = isQuoted && index + 1 < line.endIndex && line[index + 1] == quote
      if byte == quote, isDoubled {
        cell.append(quote)
        index += 1
      } else if byte == quote, isQuoted || cell.isEmpty {
        isQuoted.toggle()
      } else if byte == separator, !isQuoted {
        cells.append(String(decoding: cell, as: UTF8.self))
        cell = []
      } else {
        cell.append(byte)
      }
      index += 1
    }
    guard !isQuoted else { throw .openQuote(cell: cells.count + 1) }
    return cells + [String(decoding: cell, as: UTF8.self)]
  }
}
