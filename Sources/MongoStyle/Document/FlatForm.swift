internal import PrivataCore

/// The short way from values to a stored document, for schemas whose paths all lie at the top, hold
/// scalars or lists of them, and run nothing of the program: one pass casts, fills in and checks.
///
/// Whatever is out of the ordinary (a value that does not fit, a broken rule, an unknown path)
/// answers `nil`, and the long way, ``MongoDocument/construct(core:schema:values:options:)`` with
/// validation, says what is wrong.
struct FlatForm: Sendable {
  /// What a path gets that no value was given for.
  private enum Absent: Sendable { case nothing, newID, literal(Value), refused }

  private struct Field: Sendable {
    var name: String
    var path: CompiledPath
    var absent: Absent
    /// True where a value of the path's own type is stored as it is, whatever it says.
    var isPlain: Bool

    /// What is stored where no value was given.
    var absentValue: Value? {
      switch absent {
      case .nothing, .refused: Value?.none
      case .newID: .objectID(ObjectID())
      case .literal(let value): value
      }
    }
  }

  /// In the order in which documents keep them.
  private let fields: [Field]
  private let timestamps: Timestamps?
  private let versionKey: String?

  /// `nil` for schemas that need the long way.
  init?(_ builder: SchemaCompiler) {
    let order = builder.order
    guard builder.nested.isEmpty, builder.mapping == nil, builder.discriminators.isEmpty,
      !builder.options.validateModifiedOnly, builder.options.validateBeforeSave,
      builder.hooks.leavesWritesAlone, builder.all.allSatisfy({ order[$0.path] != nil })
    else { return nil }
    var fields: [Field] = []
    for path in builder.all.sorted(by: { (order[$0.path] ?? 0) < (order[$1.path] ?? 0) }) {
      guard path.isFlat, let absent = Self.absent(path) else { return nil }
      fields.append(
        Field(
          name: path.path, path: path, absent: absent,
          isPlain: path.setters.isEmpty && path.rules.isEmpty))
    }
    guard fields.contains(where: { $0.name == "_id" }) else { return nil }
    self.fields = fields
    timestamps = builder.options.timestamps
    versionKey = builder.options.versionKey
  }

  private static func absent(_ path: CompiledPath) -> Absent? {
    if path.isAutoID { return .newID }
    // Only the long way knows what to say of a document without an id.
    let isRequired = path.options.required != nil || path.path == "_id"
    switch path.defaultRule {
    case nil, DefaultRule.none?: return isRequired ? .refused : .nothing
    case .function?: return nil
    case .value(.undefined)?: return isRequired ? .refused : .nothing
    case .value(.null)?: return .literal(.null)
    case .value(let literal)?: return path.flatCast(literal).map { .literal($0) }
    }
  }

  /// How timestamps and version are added.
  enum Stamping { case save, insertMany }

  /// The document that is stored for values; `nil` where they need the long way.
  func form(of values: Document, _ stamping: Stamping) -> Document? {
    if isForm(values) {
      if timestamps == nil, versionKey == nil { return values }
      var elements = values.elements
      return stamp(&elements, stamping) ? Document(elements) : nil
    }
    guard let given = cast(values) else { return nil }
    var elements: [Document.Element] = []
    elements.reserveCapacity(fields.count + 3)
    for index in fields.indices {
      guard let value = given[index] ?? fields[index].absentValue else {
        if case .refused = fields[index].absent { return nil }
        continue
      }
      guard fields[index].path.accepts(value) else { return nil }
      elements.append(Document.Element(key: fields[index].name, value: value))
    }
    guard stamp(&elements, stamping) else { return nil }
    return Document(elements)
  }

  /// True where the values are what is stored: all fields in their order, each of its own type.
  private func isForm(_ values: Document) -> Bool {
    let elements = values.elements
    guard elements.count == fields.count else { return false }
    let all = elements.span
    for index in 0..<all.count {
      guard fields[index].isPlain, fields[index].name == all[index].key,
        fields[index].path.isCanonical(all[index].value)
      else { return false }
    }
    return true
  }

  /// The given values by the position of their fields.
  private func cast(_ values: Document) -> [Value?]? {
    var given = [Value?](repeating: Value?.none, count: fields.count)
    var next = 0
    let elements = values.elements
    let all = elements.span
    for index in 0..<all.count {
      guard let place = place(of: all[index].key, next), given[place] == nil,
        let value = fields[place].path.flatCast(all[index].value)
      else { return nil }
      given[place] = value
      next = place + 1
    }
    return given
  }

  /// Found at once where values come in the order of the schema.
  @inline(__always)
  private func place(of key: String, _ next: Int) -> Int? {
    if next < fields.count, fields[next].name == key { return next }
    return fields.firstIndex { $0.name == key }
  }

  // MARK: - Timestamps and version

  /// `save()` stamps the version last, `insertMany` first.
  private func stamp(_ elements: inout [Document.Element], _ stamping: Stamping) -> Bool {
    if stamping == .insertMany, let versionKey { put(0, at: versionKey, in: &elements) }
    if let timestamps {
      let now = timestamps.moment()
      for (path, isLast) in [(timestamps.createdAt, false), (timestamps.updatedAt, true)] {
        guard let path else { continue }
        let known = elements.first { $0.key == path }?.value ?? .undefined
        let isKept = known.isTruthy && (!isLast || stamping == .insertMany)
        if isKept { continue }
        var value = now
        if isLast, stamping == .save, let made = timestamps.createdAt {
          value = elements.first { $0.key == made }?.value ?? now
        }
        guard let type = fields.first(where: { $0.name == path })?.path,
          let cast = type.flatCast(value)
        else { return false }
        put(cast, at: path, in: &elements)
      }
    }
    if stamping == .save, let versionKey { put(0, at: versionKey, in: &elements) }
    return true
  }

  private func put(_ value: Value, at key: String, in elements: inout [Document.Element]) {
    if let index = elements.firstIndex(where: { $0.key == key }) {
      elements[index].value = value
    } else {
      elements.append(Document.Element(key: key, value: value))
    }
  }
}

extension Hooks {
  /// True where no hook runs around inserts, nor sees documents that are read.
  fileprivate var leavesWritesAlone: Bool {
    guard !hasInit, !documentOperations.contains(.save), !documentOperations.contains(.validate)
    else { return false }
    return !all.contains { hook in
      switch hook {
      case .beforeInsertMany, .afterInsertMany, .insertManyError: true
      default: false
      }
    }
  }
}

// MARK: - One path

extension CompiledPath {
  /// True where nothing of the program sees the values on their way into the store.
  fileprivate var isFlat: Bool {
    guard steps.count == 1, setters.allSatisfy(\.isBuiltIn), options.cast == nil,
      rules.allSatisfy(\.isBuiltIn), options.required?.condition == nil, options.refPath == nil
    else { return false }
    guard let element else { return isScalar }
    return setters.isEmpty && rules.isEmpty && element.isScalar && element.setters.isEmpty
      && element.rules.isEmpty && element.options.cast == nil
  }

  /// True for paths of one value of one type.
  var isScalar: Bool {
    switch kind {
    case .string, .number, .boolean, .date, .objectID, .buffer, .decimal128, .bigInt, .int32,
      .double, .uuid:
      true
    case .mixed, .subdocument, .documentArray, .element, .array, .map: false
    }
  }

  /// True where a value of the path is of the type that the path keeps, so that neither casting nor
  /// loading would change it.
  @inline(__always)
  func isCanonical(_ value: Value) -> Bool {
    switch (kind, value) {
    case (.string, .string), (.boolean, .bool), (.objectID, .objectID), (.number, .int32),
      (.bigInt, .int64), (.int32, .int32), (.double, .double), (.decimal128, .decimal):
      true
    // As far as JavaScript's dates reach.
    case (.date, .date(let date)):
      (-8_640_000_000_000_000...8_640_000_000_000_000).contains(date.milliseconds)
    default: false
    }
  }

  /// The value as the path keeps it; `nil` where only the long way knows.
  fileprivate func flatCast(_ value: Value) -> Value? {
    if setters.isEmpty, isCanonical(value) { return value }
    switch value {
    case .undefined, .document: return Value?.none
    case .null: return isAutoID ? Value?.none : value
    case .array(let items):
      guard let element else { return Value?.none }
      var cast: [Value] = []
      cast.reserveCapacity(items.count)
      for item in items {
        guard !item.isNullish, let one = element.flatCast(item) else { return Value?.none }
        cast.append(one)
      }
      return .array(cast)
    default:
      guard isScalar, let set = try? applySetters(value, document: nil, prior: .undefined) else {
        return Value?.none
      }
      return try? CompiledPath.scalarCast(set, kind, options, path: path)
    }
  }

  /// True where the value breaks none of the path's rules.
  @inline(__always)
  fileprivate func accepts(_ value: Value) -> Bool {
    if rules.isEmpty { return true }
    return firstErrorNow(value, RuleContext(document: nil, query: nil, path: path)) == nil
  }
}
