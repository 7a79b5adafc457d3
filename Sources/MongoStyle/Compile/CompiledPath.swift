internal import PrivataCore

/// A path of a compiled schema: what casting, validating and storing need to know, worked out once.
final class CompiledPath: Sendable {
  enum Kind: Sendable {
    case string, number, boolean, date, objectID, buffer, mixed, decimal128, bigInt, int32, double
    case uuid
    case subdocument(CompiledSchema)
    /// An array of subdocuments.
    case documentArray(CompiledSchema)
    /// One element of such an array.
    case element(CompiledSchema)
    /// An array of anything else, arrays included.
    case array(CompiledPath)
    case map(CompiledPath)
  }

  /// The path within its own schema; `tags.$` for the elements of `tags`.
  let path: String
  let steps: [String]
  let kind: Kind
  let options: PathOptions
  let rules: [Rule]
  let setters: [PathSetter]
  let getters: [PathGetter]
  let defaultRule: DefaultRule?
  /// True for an `_id` that is generated.
  let isAutoID: Bool
  /// Cast once: the values of `enum`.
  let allowed: [Value]
  /// One element of an array of subdocuments.
  let documentElement: CompiledPath?

  init(
    path: String, kind: Kind, options: PathOptions, isAutoID: Bool = false
  ) throws {
    self.path = path
    self.kind = kind
    self.options = options
    self.isAutoID = isAutoID
    steps = path.steps
    setters = options.setters
    getters = options.getters
    defaultRule = CompiledPath.defaultRule(kind, options, isAutoID)
    allowed = try (options.allowed?.limit ?? []).map {
      try CompiledPath.scalarCast($0, kind, options, path: path)
    }
    rules = try CompiledPath.rules(kind, options, allowed: allowed)
    if case .documentArray(let schema) = kind {
      documentElement = try CompiledPath(
        path: path + ".$", kind: .element(schema), options: PathOptions())
    } else {
      documentElement = nil
    }
  }

  private static func defaultRule(
    _ kind: Kind, _ options: PathOptions, _ isAutoID: Bool
  ) -> DefaultRule? {
    switch options.defaultValue {
    case DefaultRule.none?: return nil
    case let rule?: return rule
    case nil: break
    }
    if isAutoID { return .function { _ in .objectID(ObjectID()) } }
    switch kind {
    case .array, .documentArray: return .value(.array([]))
    default: return nil
    }
  }

  /// Mongoose's name of the type.
  var instance: String {
    switch kind {
    case .string: "String"
    case .number: "Number"
    case .boolean: "Boolean"
    case .date: "Date"
    case .objectID: "ObjectId"
    case .buffer: "Buffer"
    case .mixed: "Mixed"
    case .decimal128: "Decimal128"
    case .bigInt: "BigInt"
    case .int32: "Int32"
    case .double: "Double"
    case .uuid: "UUID"
    case .subdocument: "Embedded"
    case .element: "DocumentArrayElement"
    case .documentArray, .array: "Array"
    case .map: "Map"
    }
  }

  /// The schema of the subdocuments at the path.
  var schema: CompiledSchema? {
    switch kind {
    case .subdocument(let schema), .documentArray(let schema), .element(let schema): schema
    default: nil
    }
  }

  /// The path of the elements, for arrays of anything but subdocuments.
  var element: CompiledPath? { if case .array(let element) = kind { element } else { nil } }

  /// The path of the values, for maps.
  var mapValue: CompiledPath? { if case .map(let value) = kind { value } else { nil } }

  var isArray: Bool {
    switch kind {
    case .array, .documentArray: true
    default: false
    }
  }

  var isDocumentArray: Bool { if case .documentArray = kind { true } else { false } }
  var isSubdocument: Bool { if case .subdocument = kind { true } else { false } }
  var isMap: Bool { if case .map = kind { true } else { false } }
  var isMixed: Bool { if case .mixed = kind { true } else { false } }

  /// True where literal defaults are filled in before the given values are set.
  var hasEarlyDefault: Bool {
    if isAutoID { return true }
    if case .value = defaultRule { return true }
    return false
  }

  /// The name of the model referred to, where it does not depend on a document.
  var refName: String? {
    let own = options.ref ?? element?.options.ref
    if case .named(let name) = own { return name }
    return nil
  }

  var isReference: Bool { options.ref != nil || options.refPath != nil }
}

/// A rule of a path, ready to check values.
struct Rule: Sendable {
  enum Check: Sendable {
    case required(RequiredRule)
    case immediate(@Sendable (Value, RuleContext) throws -> Bool)
    case async(@Sendable (Value, RuleContext) async throws -> Bool)
  }

  var check: Check
  var kind: String
  /// A template; placeholders are filled when the rule is broken.
  var message: String
  /// Cuts long values in messages, as `maxlength` does.
  var shortens = false
  /// False for the program's own, which may look at the document.
  var isBuiltIn = true

  var isRequired: Bool { if case .required = check { true } else { false } }
}
