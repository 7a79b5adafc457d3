internal import CSQLite
internal import PrivataCore
internal import PrivataSQL

extension SQLiteStatement {
  /// Binds all parameters of a statement. False where SQLite refuses one.
  func bind(_ statement: SQLStatement, _ scratch: inout SQLiteScratch) -> Bool {
    scratch.begin()
    for (index, value) in statement.parameters.enumerated() {
      guard bind(value, at: index, &scratch) else { return false }
    }
    return true
  }

  /// Binds the values of a plan, straight from where they are in a query or write.
  func bind(
    _ compiled: SQLCompiled, _ filter: Filter, _ changes: Changes?, skip: Int, limit: Int?,
    _ scratch: inout SQLiteScratch
  ) -> Bool {
    scratch.begin()
    for index in compiled.slots.indices {
      let value = compiled.value(
        index, filter: filter, changes: changes, skip: skip, limit: limit)
      guard bind(value, at: index, &scratch) else { return false }
    }
    return true
  }

  private func bind(_ value: Value, at index: Int, _ scratch: inout SQLiteScratch) -> Bool {
    let parameter = index < parameters.count ? parameters[index] : .byValue
    return bind(value, parameter, at: Int32(truncatingIfNeeded: index + 1), &scratch) == SQLITE_OK
  }

  private func bind(
    _ value: Value, _ parameter: SQLiteParameter, at index: Int32, _ scratch: inout SQLiteScratch
  ) -> Int32 {
    if parameter != .byValue, !value.isNull { return bindEncoded(value, parameter, at: index) }
    switch value {
    case .null, .undefined: return sqlite3_bind_null(handle, index)
    case .bool(let flag): return sqlite3_bind_int(handle, index, flag ? 1 : 0)
    case .int32(let number): return sqlite3_bind_int(handle, index, number)
    case .int64(let number): return sqlite3_bind_int64(handle, index, number)
    case .double(let number): return sqlite3_bind_double(handle, index, number)
    case .date(let date): return sqlite3_bind_int64(handle, index, date.milliseconds)
    case .string(let text): return bind(text: text, at: index, &scratch)
    case .objectID(let id): return bind(id, at: index, &scratch)
    case .binary(let binary): return bind(bytes: binary.bytes, at: index, &scratch)
    default: return bindRare(value, at: index)
    }
  }

  private func bindEncoded(
    _ value: Value, _ parameter: SQLiteParameter, at index: Int32
  ) -> Int32 {
    switch parameter {
    case .json: bind(text: JSONText.text(of: value), at: index)
    case .element, .byValue: bind(element: value, at: index)
    }
  }

  private func bindRare(_ value: Value, at index: Int32) -> Int32 {
    switch value {
    case .decimal(let number): bind(text: number.description, at: index)
    case .array: bind(text: JSONText.text(of: value), at: index)
    case .document(let document): bind(bytes: document.bson, at: index)
    case .symbol(let text), .code(let text, scope: nil): bind(text: text, at: index)
    default: bind(element: value, at: index)
    }
  }
}

// MARK: - Texts and bytes that the scratch lends

extension SQLiteStatement {
  private func bind(text: String, at index: Int32, _ scratch: inout SQLiteScratch) -> Int32 {
    var text = text
    return text.withUTF8 { text in
      let memory = scratch.lend(UnsafeRawBufferPointer(text))
      return sqlite3_bind_text(
        handle, index, memory.assumingMemoryBound(to: CChar.self), Int32(text.count), nil)
    }
  }

  private func bind(bytes: [UInt8], at index: Int32, _ scratch: inout SQLiteScratch) -> Int32 {
    // A null pointer would bind NULL.
    if bytes.isEmpty { return sqlite3_bind_zeroblob(handle, index, 0) }
    return bytes.withUnsafeBytes { bytes in
      sqlite3_bind_blob(handle, index, scratch.lend(bytes), Int32(bytes.count), nil)
    }
  }

  private func bind(_ id: ObjectID, at index: Int32, _ scratch: inout SQLiteScratch) -> Int32 {
    var bytes = (id.high.bigEndian, id.low.bigEndian)
    return withUnsafeBytes(of: &bytes) { bytes in
      let memory = scratch.lend(UnsafeRawBufferPointer(rebasing: bytes[..<12]))
      return sqlite3_bind_blob(handle, index, memory, 12, nil)
    }
  }
}

// MARK: - Texts and bytes that are made for the binding alone, which SQLite copies

extension SQLiteStatement {
  private func bind(element value: Value, at index: Int32) -> Int32 {
    var bytes: [UInt8] = []
    BSONWriter.append(element: value, to: &bytes)
    return bind(bytes: bytes, at: index)
  }

  private func bind(text: String, at index: Int32) -> Int32 {
    var text = text
    return text.withUTF8 { text in
      text.withMemoryRebound(to: CChar.self) { text in
        sqlite3_bind_text(handle, index, text.baseAddress, Int32(text.count), Self.transient)
      }
    }
  }

  private func bind(bytes: [UInt8], at index: Int32) -> Int32 {
    if bytes.isEmpty { return sqlite3_bind_zeroblob(handle, index, 0) }
    return bytes.withUnsafeBytes { bytes in
      sqlite3_bind_blob(handle, index, bytes.baseAddress, Int32(bytes.count), Self.transient)
    }
  }

  /// SQLITE_TRANSIENT, a macro that Swift does not import.
  static let transient = unsafeBitCast(-1, to: sqlite3_destructor_type.self)
}
