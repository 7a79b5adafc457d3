internal import PrivataCore

/// Which paths of a stored document can be read as they lie there: scalars without getters, where
/// loading the document would change nothing. The first read of anything else loads the document.
struct DirectReads: Sendable {
  /// The type that a path keeps.
  private enum Form: UInt8, Sendable {
    case string, number, boolean, date, objectID, buffer, decimal, int64, int32, double, other
  }

  private struct Entry: Sendable {
    var form: Form
    /// True where a document without the field has no value there either.
    var mayBeAbsent: Bool
  }

  private let entries: [Entry]
  private let index: KeyIndex

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
        entries.append(Entry(form: Self.form(of: path.kind), mayBeAbsent: mayBeAbsent))
        names.append(path.path)
      }
    }
    self.entries = entries
    index = KeyIndex(names)
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

  /// The tags of a path's cell whose value is the document's; none where it has to be loaded.
  func tags(of name: String) -> [Cell.Tag] {
    let position = index.position(of: name)
    guard position >= 0 else { return [] }
    return switch entries[position].form {
    case .string: [.text]
    case .number: [.int32, .int64, .double]
    case .boolean: [.bool]
    case .date: [.date]
    case .objectID: [.objectID]
    case .int64: [.int64]
    case .int32: [.int32]
    case .double: [.double]
    case .buffer, .decimal, .other: []
    }
  }

  /// The value at a path of a stored document; `nil` where the document has to be loaded for it.
  @inline(__always)
  func value(_ name: String, in raw: Document) -> Value? {
    let position = index.position(of: name)
    guard position >= 0 else { return Value?.none }
    let entry = entries[position]
    guard let value = raw[name] else { return entry.mayBeAbsent ? .undefined : Value?.none }
    return Self.isKept(value, as: entry.form) ? value : Value?.none
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
}
