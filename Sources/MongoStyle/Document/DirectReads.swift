internal import PrivataCore

/// Which paths of a stored document can be read as they lie there: scalars without getters, where
/// loading the document would change nothing. The first read of anything else loads the document.
struct DirectReads: Sendable {
  /// The type that a path keeps.
  private enum Form: UInt8, Sendable {
    case string, number, boolean, date, objectID, buffer, decimal, int64, int32, double, other
  }

  private struct Entry: Sendable {
    /// The first bytes and the length of the name: telling for nearly all names, and few enough to
    /// compare one after the other, which costs less than hashing.
    var start: UInt64
    var count: Int
    var form: Form
    /// True where a document without the field has no value there either.
    var mayBeAbsent: Bool
  }

  private let entries: [Entry]
  private let names: [String]

  init(_ builder: SchemaCompiler) {
    var entries: [Entry] = []
    var names: [String] = []
    // Sub-models may leave out what a projection did not ask for.
    if builder.mapping == nil {
      for path in builder.all where path.steps.count == 1 && path.isScalar {
        guard path.getters.isEmpty, path.options.cast == nil else { continue }
        var mayBeAbsent = false
        switch path.defaultRule {
        case nil, DefaultRule.none?: mayBeAbsent = true
        default: break
        }
        entries.append(
          Entry(
            start: Self.start(of: path.path), count: path.path.utf8.count,
            form: Self.form(of: path.kind), mayBeAbsent: mayBeAbsent))
        names.append(path.path)
      }
    }
    self.entries = entries
    self.names = names
  }

  private static func form(of kind: CompiledPath.Kind) -> Form {
    switch kind {
    case .string: .string
    case .number: .number
    case .boolean: .boolean
    case .date: .date
    case .objectID: .objectID
    case .buffer: .buffer
    case .decimal128: .decimal
    case .bigInt: .int64
    case .int32: .int32
    case .double: .double
    default: .other
    }
  }

  /// The value at a path of a stored document; `nil` where the document has to be loaded for it.
  @inline(__always)
  func value(_ name: String, in raw: Document) -> Value? {
    let start = Self.start(of: name)
    let count = name.utf8.count
    for index in 0..<entries.count where entries[index].start == start {
      guard entries[index].count == count, count <= 8 || names[index] == name else { continue }
      guard let value = raw[name] else {
        return entries[index].mayBeAbsent ? .undefined : Value?.none
      }
      return Self.isKept(value, as: entries[index].form) ? value : Value?.none
    }
    return Value?.none
  }

  /// True where loading answers the value as it is.
  @inline(__always)
  private static func isKept(_ value: Value, as form: Form) -> Bool {
    switch value {
    case .string: form == .string
    case .int32: form == .number || form == .int32
    case .int64: form == .number || form == .int64
    case .double: form == .number || form == .double
    case .bool: form == .boolean
    case .date: form == .date
    case .objectID: form == .objectID
    case .binary: form == .buffer
    case .decimal: form == .decimal
    case .null: true
    default: false
    }
  }

  @inline(__always)
  private static func start(of name: String) -> UInt64 {
    var start: UInt64 = 0
    for byte in name.utf8.prefix(8) { start = start << 8 | UInt64(byte) }
    return start
  }
}
