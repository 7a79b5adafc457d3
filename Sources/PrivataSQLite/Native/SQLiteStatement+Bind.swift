internal import CSQLite
internal import PrivataCore
internal import PrivataSQL

extension SQLiteStatement {
  /// Binds all parameters. False where SQLite refuses one.
  func bind(_ statement: SQLStatement, _ scratch: inout SQLiteScratch) -> Bool {
    var room = 0
    for value in statement.parameters { room += value.textRoom }
    scratch.begin(room)
    let types = statement.template.parameters
    for (index, value) in statement.parameters.enumerated() {
      let type = types.indices.contains(index) ? types[index] : nil
      guard bind(value, type, at: Int32(index + 1), &scratch) == SQLITE_OK else { return false }
    }
    return true
  }

  private func bind(
    _ value: Value, _ type: FieldType?, at index: Int32, _ scratch: inout SQLiteScratch
  ) -> Int32 {
    switch value {
    case .null, .undefined: return sqlite3_bind_null(handle, index)
    case _ where type == .any:
      return bind(element: value, at: index)
    case _ where type == .json:
      return bind(text: JSONText.text(of: value), at: index)
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

  private func bindRare(_ value: Value, at index: Int32) -> Int32 {
    switch value {
    case .decimal(let number): bind(text: number.description, at: index)
    case .array: bind(text: JSONText.text(of: value), at: index)
    case .document(let document): bind(bytes: document.bson, at: index)
    case .symbol(let text), .code(let text, scope: nil): bind(text: text, at: index)
    default: bind(element: value, at: index)
    }
  }

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

  private func bind(
    _ id: ObjectID, at index: Int32, _ scratch: inout SQLiteScratch
  ) -> Int32 {
    var high = id.high.bigEndian
    var low = id.low.bigEndian
    let start = withUnsafeBytes(of: &high) { scratch.lend($0) }
    _ = withUnsafeBytes(of: &low) { scratch.lend($0) }
    return sqlite3_bind_blob(handle, index, start, 12, nil)
  }

  private func bind(element value: Value, at index: Int32) -> Int32 {
    var bytes: [UInt8] = []
    BSONWriter.append(element: value, to: &bytes)
    return bind(bytes: bytes, at: index)
  }

  /// Values that are made for the binding alone are copied by SQLite.
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
  private static let transient = unsafeBitCast(-1, to: sqlite3_destructor_type.self)
}

extension Value {
  /// The bytes that binding lends to SQLite, at most.
  fileprivate var textRoom: Int {
    switch self {
    case .string(let text): text.utf8.count
    case .binary(let binary): binary.bytes.count
    case .objectID: 12
    default: 0
    }
  }
}
