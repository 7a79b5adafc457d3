internal import PrivataCore
internal import PrivataSQL

extension SQLiteFailure {
  /// The failure as callers see it: names of fields and the file, never a value.
  func error(
    in file: String, collection: String = "", ended reason: SQLiteWatch.Reason? = nil,
    fields: [String]? = nil
  ) -> PrivataError {
    switch code {
    case .unique, .primaryKey, .rowID:
      return constraint(.duplicateKey, "has another record with the same", collection, fields)
    case .notNull: return constraint(.missingField, "needs a value for", collection, fields)
    case .foreignKey, .restricted:
      return PrivataError(
        .foreignKey, "a reference in \(file) would lead nowhere", underlying: told)
    case .busySnapshot:
      return PrivataError(
        .writeConflict, "another process changed \(file) meanwhile, try again", isRetriable: true,
        underlying: told)
    default: return state(file, reason)
    }
  }

  private func state(_ file: String, _ reason: SQLiteWatch.Reason?) -> PrivataError {
    switch code.primary {
    case .interrupted where reason == .timeout:
      error(.timeout, "the statement on \(file) took too long", isRetriable: true)
    case .interrupted: error(.cancelled, "the call was cancelled")
    case .busy, .locked:
      error(.busy, "\(file) is locked by another writer, try again", isRetriable: true)
    case .full: error(.diskFull, "no space left for \(file)")
    case .corrupt, .notADatabase:
      error(.corrupt, "\(file) is damaged, or no SQLite database: restore it from a backup")
    case .cannotOpen, .permission:
      error(.connection, "cannot open \(file): check that the folder exists and may be written")
    case .readOnly: error(.rejectedByStore, "\(file) is open for reading only")
    case .inputOutput: error(.connection, "\(file) cannot be read or written (\(code.rawValue))")
    case .tooBig: error(.badArgument, "a value is larger than SQLite holds")
    case .constraint: error(.constraint, "a constraint in \(file) refused the change")
    case .mismatch: error(.wrongType, "a key in \(file) takes integers alone")
    default: statement(file)
    }
  }

  private func statement(_ file: String) -> PrivataError {
    for start in ["no such table: ", "no such column: "] where message.hasPrefix(start) {
      return error(.rejectedByStore, "\(file): \(start)\(message.dropFirst(start.count))")
    }
    // Other messages can quote the statement, and a statement can hold values.
    return error(.rejectedByStore, "\(file) refused the statement (code \(code.rawValue))")
  }

  private func error(
    _ code: PrivataError.Code, _ message: String, isRetriable: Bool = false
  ) -> PrivataError {
    PrivataError(code, message, isRetriable: isRetriable, underlying: told)
  }
}

// MARK: - Constraints

extension SQLiteFailure {
  /// The failure by names alone.
  private var told: SQLFailure {
    SQLFailure(code: code.name, constraint: code == .check ? checkName : nil)
  }

  /// The name of a check out of "CHECK constraint failed: amount_check"; a check without a name is
  /// reported by its expression, which is none.
  private var checkName: String? {
    guard let colon = message.range(of: "constraint failed: ") else { return nil }
    let name = message[colon.upperBound...]
    return name.allSatisfy { $0.isLetter || $0.isNumber || $0 == "_" } ? String(name) : nil
  }

  private func constraint(
    _ code: PrivataError.Code, _ what: String, _ collection: String, _ fields: [String]?
  ) -> PrivataError {
    let (table, named) = named(collection)
    let columns = fields ?? named
    let list = columns.isEmpty ? "unique fields" : columns.joined(separator: ", ")
    return PrivataError(
      code, "\(table) \(what) \(list)", fields: columns, underlying: told)
  }

  /// The table and the columns out of "UNIQUE constraint failed: users.email, users.name", or out of
  /// the name of an index, "index 'users_email_null'".
  private func named(_ collection: String) -> (table: String, columns: [String]) {
    guard let colon = message.range(of: "constraint failed: ") else { return ("the record", []) }
    let list = message[colon.upperBound...]
    if let index = indexed(list, collection) { return index }
    var table = "the record"
    var columns: [String] = []
    for part in list.components(separatedBy: ", ") {
      // Both names may hold dots.
      if !collection.isEmpty, part.hasPrefix(collection + ".") {
        table = collection
        columns.append(String(part.dropFirst(collection.count + 1)))
      } else if let dot = part.lastIndex(of: ".") {
        table = String(part[..<dot])
        columns.append(String(part[part.index(after: dot)...]))
      }
    }
    return (table, columns)
  }

  private func indexed(_ list: Substring, _ collection: String) -> (String, [String])? {
    guard list.hasPrefix("index '"), list.hasSuffix("'") else { return nil }
    let name = list.dropFirst(7).dropLast()
    guard name.hasPrefix(collection + "_"), let end = name.lastIndex(of: "_") else {
      return (collection, [])
    }
    let column = name[..<end].dropFirst(collection.count + 1)
    return (collection, column.isEmpty ? [] : [String(column)])
  }
}

extension StringProtocol {
  /// Where a text begins and ends in this one; without Foundation.
  fileprivate func range(of text: String) -> Range<Index>? {
    var start = startIndex
    while start < endIndex {
      if self[start...].hasPrefix(text) {
        return start..<index(start, offsetBy: text.count)
      }
      start = index(after: start)
    }
    return nil
  }

  fileprivate func components(separatedBy separator: String) -> [String] {
    var parts: [String] = []
    var rest = self[...]
    while let found = rest.range(of: separator) {
      parts.append(String(rest[..<found.lowerBound]))
      rest = rest[found.upperBound...]
    }
    return parts + [String(rest)]
  }
}
