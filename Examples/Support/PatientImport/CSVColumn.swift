internal import PrivataCore

/// One column of a table: its heading in the file, the field it fills and what a cell may hold.
public struct CSVColumn: Sendable, Hashable {
  /// What a cell of the column may hold.
  public enum Kind: Sendable, Hashable {
    case text
    case uuid
    /// One of these words.
    case choice([String])
    /// `M/D/YYYY` as US offices write it, or `YYYY-MM-DD`.
    case date
    /// An amount with at most two decimals.
    case money
    /// Degrees between minus and plus this limit.
    case degrees(limit: Double)
    /// Digits only; kept as text, so that leading zeros stay.
    case code
    /// A US zip code: five digits, or five and four.
    case zip
    /// A US social security number: `999-99-9999`.
    case socialSecurity
  }

  /// The heading in the file.
  public var heading: String
  /// The key in the document.
  public var field: String
  /// What a cell may hold.
  public var kind: Kind
  /// True where a row without the cell means nothing and is always refused.
  public var isRequired: Bool

  /// A column.
  public init(_ heading: String, as field: String, _ kind: Kind = .text, isRequired: Bool = false) {
    self.heading = heading
    self.field = field
    self.kind = kind
    self.isRequired = isRequired
  }
}

extension CSVColumn {
  /// What became of a cell.
  enum Reading {
    case value(Value)
    /// The type cannot hold what stands there.
    case unreadable(String)
    /// Text that can be kept as it stands, though it is not what the column should hold.
    case doubtful(Value, String)
  }

  /// Reads a cell that is not empty.
  func read(_ cell: String) -> Reading {
    if cell.unicodeScalars.contains(where: { $0.value < 0x20 || $0.value == 0x7F }) {
      return .doubtful(.string(cell), "holds a control character")
    }
    switch kind {
    case .text: return .value(.string(cell))
    case .uuid: return checked(cell, isUUID(cell), "is not a UUID")
    case .choice(let words):
      return checked(cell, words.contains(cell), "is none of \(words.joined(separator: ", "))")
    case .code: return checked(cell, cell.utf8.allSatisfy(isDigit), "has more than digits")
    case .zip: return checked(cell, isZip(cell), "is not a zip code of five digits")
    case .socialSecurity:
      return checked(cell, matches(cell, "999-99-9999"), "is not written as 999-99-9999")
    case .date: return readDate(cell)
    case .money: return readNumber(cell, decimals: 2, limit: 1e12)
    case .degrees(let limit): return readNumber(cell, decimals: 18, limit: limit)
    }
  }

  private func checked(_ cell: String, _ isRight: Bool, _ reason: String) -> Reading {
    isRight ? .value(.string(cell)) : .doubtful(.string(cell), reason)
  }

  private func readDate(_ cell: String) -> Reading {
    guard let date = CalendarDate(cell) else {
      return .unreadable("is not a date (M/D/YYYY or YYYY-MM-DD)")
    }
    return .value(.date(date.midnight))
  }

  private func readNumber(_ cell: String, decimals: Int, limit: Double) -> Reading {
    let parts = cell.utf8.drop { $0 == UInt8(ascii: "-") }
      .split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    // Two points are grouped thousands or a broken export: which one, nobody can tell any more.
    guard parts.count <= 2 else { return .unreadable("has more than one decimal point") }
    guard parts.allSatisfy({ !$0.isEmpty && $0.allSatisfy(isDigit) }), let number = Double(cell)
    else { return .unreadable("is not a number") }
    if parts.count == 2, parts[1].count > decimals {
      return .unreadable("has more than \(decimals) decimals")
    }
    guard abs(number) <= limit else { return .unreadable("is out of range") }
    return .value(.double(number))
  }
}

private func isDigit(_ byte: UInt8) -> Bool {
  byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9")
}

/// Whether the text has the pattern's shape: `9` stands for a digit, all else for itself.
private func matches(_ text: String, _ pattern: String) -> Bool {
  guard text.utf8.count == pattern.utf8.count else { return false }
  return zip(text.utf8, pattern.utf8).allSatisfy { byte, shape in
    shape == UInt8(ascii: "9") ? isDigit(byte) : byte == shape
  }
}

private func isZip(_ text: String) -> Bool {
  matches(text, "99999") || matches(text, "99999-9999")
}

private func isUUID(_ text: String) -> Bool {
  let groups = text.split(separator: "-", omittingEmptySubsequences: false)
  return groups.map(\.utf8.count) == [8, 4, 4, 4, 12]
    && groups.allSatisfy {
      $0.utf8.allSatisfy { byte in Character(UnicodeScalar(byte)).isHexDigit }
    }
}
