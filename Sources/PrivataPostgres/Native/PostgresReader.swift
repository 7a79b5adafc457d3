internal import PrivataCore
internal import PrivataSQL

/// How one column's cells are read: chosen once per statement, so that a row costs no decision but
/// one per cell.
struct PostgresReader: Sendable {
  private enum Step: UInt8 {
    case bool, int32, int64, int64From32, int64From16, int32From16, unsigned
    case double, doubleFrom32, number
    case text, bytes, objectID, uuid, uuidText, document, element
    case microseconds, days
    /// By way of a ``Value``: decimals, JSON, arrays, and everything that came as text.
    case value
  }

  private let step: Step
  let type: PostgresType
  let isBinary: Bool

  /// The way from a column's type to a field's; `keepsText` leaves a text what the server wrote.
  init(_ type: PostgresType, isBinary: Bool, as field: FieldType?, keepsText: Bool = false) {
    self.type = type
    self.isBinary = isBinary
    step =
      isBinary
      ? Self.step(type.form, field) : keepsText ? .text : Self.textStep(type.form)
  }

  private static func step(_ form: PostgresType.Form, _ field: FieldType?) -> Step {
    switch form {
    case .bool: .bool
    case .int2: integer(field, plain: .int32From16, wide: .int64From16)
    case .int4: integer(field, plain: .int32, wide: .int64From32)
    case .int8: integer(field, plain: .int64, wide: .int64)
    case .oid: .unsigned
    case .float8: field == .number ? .number : .double
    case .float4: .doubleFrom32
    case .text, .other: .text
    case .bytea: bytes(field)
    case .uuid: field == .string ? .uuidText : .uuid
    case .timestamp: .microseconds
    case .date: .days
    case .numeric, .json, .jsonb, .array: .value
    }
  }

  private static func integer(_ field: FieldType?, plain: Step, wide: Step) -> Step {
    switch field {
    case .int64: wide
    case .double, .decimal: .value
    default: plain
    }
  }

  private static func bytes(_ field: FieldType?) -> Step {
    switch field {
    case .objectID: .objectID
    case .document: .document
    case .any: .element
    default: .bytes
    }
  }

  private static func textStep(_ form: PostgresType.Form) -> Step {
    switch form {
    case .text, .other: .text
    default: .value
    }
  }

  /// Appends the cell of these bytes; false where they are not what the type promises.
  @inline(__always)
  func append(
    _ bytes: UnsafeRawBufferPointer, to batch: inout RowBatch,
    as field: @autoclosure () -> FieldType?
  ) -> Bool {
    switch (step, bytes.count) {
    case (.text, _): batch.append(.text, bytes: bytes)
    case (.int32, 4): batch.append(int32: Int32(bitPattern: bytes.bigEndian(UInt32.self)))
    case (.int64, 8): batch.append(int64: Int64(bitPattern: bytes.bigEndian(UInt64.self)))
    case (.int64From32, 4):
      batch.append(int64: Int64(Int32(bitPattern: bytes.bigEndian(UInt32.self))))
    case (.bool, 1): batch.append(bool: bytes[0] != 0)
    case (.double, 8): batch.append(double: Double(bitPattern: bytes.bigEndian(UInt64.self)))
    case (.microseconds, 8):
      let micro = Int64(bitPattern: bytes.bigEndian(UInt64.self))
      batch.append(date: PostgresMoment.date(microseconds: micro))
    case (.objectID, 12):
      batch.append(
        objectID: ObjectID(
          high: bytes.bigEndian(UInt64.self), low: bytes.bigEndian(UInt32.self, at: 8)))
    case (.bytes, _): batch.append(.bytes, bytes: bytes)
    default: return appendRest(bytes, to: &batch, as: field())
    }
    return true
  }

  /// True where every cell of the column has a place of its own form, or lies in the arena as it is.
  var isPlain: Bool {
    switch step {
    case .bool, .int32, .int64, .int64From32, .double, .text, .bytes, .objectID, .microseconds:
      true
    default: false
    }
  }

  /// True where the cell's bytes go into the arena.
  var isOfArena: Bool { step == .text || step == .bytes }

  /// Writes the cell of these bytes, of a column that ``isPlain``; false where they are not what the
  /// type promises.
  @inline(__always)
  func write(_ bytes: UnsafeRawBufferPointer, with pen: inout RowPen) -> Bool {
    switch (step, bytes.count) {
    case (.text, let count): pen.append(.text, bytes.baseAddress, count)
    case (.bytes, let count): pen.append(.bytes, bytes.baseAddress, count)
    case (.int64, 8): pen.append(.int64, word: bytes.bigEndian(UInt64.self))
    case (.double, 8): pen.append(.double, word: bytes.bigEndian(UInt64.self))
    case (.int32, 4): pen.append(.int32, word: Self.wide(bytes))
    case (.int64From32, 4): pen.append(.int64, word: Self.wide(bytes))
    case (.bool, 1): pen.append(.bool, word: bytes[0] != 0 ? 1 : 0)
    case (.microseconds, 8):
      let micro = Int64(bitPattern: bytes.bigEndian(UInt64.self))
      let date = PostgresMoment.date(microseconds: micro)
      pen.append(.date, word: UInt64(bitPattern: date.milliseconds))
    case (.objectID, 12):
      pen.append(
        .objectID, word: bytes.bigEndian(UInt64.self), rest: bytes.bigEndian(UInt32.self, at: 8))
    default: return false
    }
    return true
  }

  @inline(__always)
  private static func wide(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
    UInt64(bitPattern: Int64(Int32(bitPattern: bytes.bigEndian(UInt32.self))))
  }

  private func appendRest(
    _ bytes: UnsafeRawBufferPointer, to batch: inout RowBatch, as field: FieldType?
  ) -> Bool {
    switch (step, bytes.count) {
    case (.number, 8): appendNumber(Double(bitPattern: bytes.bigEndian(UInt64.self)), to: &batch)
    case (.int32From16, 2):
      batch.append(int32: Int32(Int16(bitPattern: bytes.bigEndian(UInt16.self))))
    case (.int64From16, 2):
      batch.append(int64: Int64(Int16(bitPattern: bytes.bigEndian(UInt16.self))))
    case (.unsigned, 4): batch.append(int64: Int64(bytes.bigEndian(UInt32.self)))
    case (.doubleFrom32, 4):
      batch.append(double: Double(Float(bitPattern: bytes.bigEndian(UInt32.self))))
    case (.days, 4):
      let days = Int32(bitPattern: bytes.bigEndian(UInt32.self))
      batch.append(date: PostgresMoment.date(days: days))
    case (.objectID, _): batch.append(.bytes, bytes: bytes)
    case (.uuid, 16): batch.append(.binary(Binary(Array(bytes), subtype: 4)))
    case (.uuidText, 16): batch.append(text: PostgresText.uuid(Array(bytes)))
    default: return appendValue(bytes, to: &batch, as: field)
    }
    return true
  }

  private func appendNumber(_ number: Double, to batch: inout RowBatch) {
    if let small = Int32(exactly: number), !(number == 0 && number.sign == .minus) {
      batch.append(int32: small)
    } else {
      batch.append(double: number)
    }
  }

  private func appendValue(
    _ bytes: UnsafeRawBufferPointer, to batch: inout RowBatch, as field: FieldType?
  ) -> Bool {
    switch step {
    case .document:
      guard let document = try? Document(bson: Array(bytes)) else { return false }
      batch.append(.document, bytes: document.bson)
      return true
    case .element:
      batch.append(BSONReader.value(ofElement: Array(bytes)[...]))
      return true
    case .value:
      let value =
        isBinary
        ? PostgresValue.value(Array(bytes), type.form, field)
        : PostgresText.value(Array(bytes), type.form, field)
      guard let value else { return false }
      batch.append(value)
      return true
    default: return false
    }
  }
}

extension UnsafeRawBufferPointer {
  /// An integer as the wire has it, the highest byte first. The caller has checked the length.
  @inline(__always)
  fileprivate func bigEndian<T: FixedWidthInteger & BitwiseCopyable>(
    _ type: T.Type, at offset: Int = 0
  ) -> T {
    T(bigEndian: loadUnaligned(fromByteOffset: offset, as: T.self))
  }
}
