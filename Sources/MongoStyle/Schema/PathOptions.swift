public import PrivataCore

/// The options of a path, for schemas made at run time; literals use ``PathOption``.
public struct PathOptions: Sendable {
  /// The rules, in the order in which they are checked.
  public var required: RequiredRule?
  public var defaultValue: DefaultRule?
  public var allowed: Bound<[Value]>?
  public var min: Bound<Value>?
  public var max: Bound<Value>?
  public var minLength: Bound<Int>?
  public var maxLength: Bound<Int>?
  public var matches: [Bound<RegularExpression>] = []
  public var validators: [PathValidator] = []
  /// Run on assignment and on the values of filters and updates, the last declared first; built-in
  /// ones (`lowercase`, `trim`) count in their order.
  public var setters: [PathSetter] = []
  /// Run on reading a property, the first declared first.
  public var getters: [PathGetter] = []
  /// Run by `toObject` and `toJSON`.
  public var transform: PathGetter?
  public var immutable: ImmutableRule?
  /// Whether queries answer the path where they do not say.
  public var select: Bool?
  public var ref: ModelReference?
  /// The path that holds the name of the model referred to.
  public var refPath: RefPath?
  public var aliases: [String] = []
  public var index: PathIndex?
  /// Converts values in place of the type's own conversion.
  public var cast: (@Sendable (Value) throws -> Value)?
  /// False refuses values of another type in place of converting them.
  public var isCast = true
  /// The text of cast errors, with `{KIND}`, `{VALUE}`, `{PATH}`.
  public var castMessage: String?
  public var allowsNull = true
  /// False leaves a value that is no array alone in place of wrapping it.
  public var castsNonArrays = true
  /// False gives a subdocument no `_id`.
  public var hasID: Bool?
  /// Empty objects at and below this path: the schema's own option where `nil`.
  public var minimize: Bool?
  /// The binary subtype of a buffer.
  public var subtype: UInt8?
  /// The sub-schemas of a subdocument or an array of subdocuments.
  public var discriminators: [EmbeddedDiscriminator] = []
  public var privacy: Privacy = .open
  public var placement: Placement?
  public var encryption: FieldEncryption?

  /// No options.
  public init() {}

  /// The given options, applied in order.
  public init(_ options: [PathOption]) {
    for option in options { option.apply(&self) }
  }
}

/// A limit with the text of its error.
public struct Bound<Limit: Sendable>: Sendable {
  /// The bound itself.
  public var limit: Limit
  /// A template with `{PATH}`, `{VALUE}` and the limit's placeholder; the default where `nil`.
  public var message: String?

  /// Made of these parts; what is left out has its usual value.
  public init(_ limit: Limit, message: String? = nil) {
    self.limit = limit
    self.message = message
  }
}

/// Whether a path must have a value.
public struct RequiredRule: Sendable {
  public var message: String?
  /// Decides for each document or update; always where `nil`.
  public var condition: (@Sendable (RuleContext) throws -> Bool)?

  /// Made of these parts; what is left out has its usual value.
  public init(
    message: String? = nil, condition: (@Sendable (RuleContext) throws -> Bool)? = nil
  ) {
    self.message = message
    self.condition = condition
  }
}

/// What a missing value becomes.
public enum DefaultRule: Sendable {
  case value(Value)
  /// No default, where the type has one: arrays stay undefined.
  case none
  /// Called after the other values are set, with the document; `nil` in an upsert.
  case function(@Sendable (MongoDocument?) throws -> Value)
}

/// Whether a stored value may change.
public enum ImmutableRule: Sendable {
  case always
  case when(@Sendable (RuleContext) throws -> Bool)
}

/// The model that a path refers to.
public enum ModelReference: Sendable {
  case named(String)
  /// Decides for each document.
  case function(@Sendable (MongoDocument) throws -> String?)
}

/// Where the name of the model referred to stands.
public enum RefPath: Sendable {
  case path(String)
  /// Answers the path for a document and the full path with positions of the reference.
  case function(@Sendable (MongoDocument, String) throws -> String)
}

/// A document's or update's view for rules: validators, `required(if:)`, `immutable(if:)`.
public struct RuleContext: Sendable {
  /// The document; `nil` for an update.
  public let document: MongoDocument?
  /// The query whose update is checked.
  public let query: QueryPlan?
  /// The path of the rule.
  public let path: String

  /// The value at a path of the document, or the value that the update sets there.
  public func value(_ path: String) -> Value {
    if let document { return document.value(path) }
    return query?.updateValue(path) ?? .undefined
  }
}

/// A validator of a path.
public struct PathValidator: Sendable {
  /// How a value is decided on.
  public enum Check: Sendable {
    case immediate(@Sendable (Value, RuleContext) throws -> Bool)
    case async(@Sendable (Value, RuleContext) async throws -> Bool)
  }

  /// What decides.
  public var check: Check
  /// A template with `{PATH}`, `{VALUE}`, `{KIND}`.
  public var message: String?
  /// `user defined` where `nil`.
  public var kind: String?

  /// Made of these parts; what is left out has its usual value.
  public init(_ check: Check, message: String? = nil, kind: String? = nil) {
    self.check = check
    self.message = message
    self.kind = kind
  }
}

/// A setter: what an assigned value becomes before it is cast.
public struct PathSetter: Sendable {
  /// What a setter may look at.
  public struct Context: Sendable {
    /// The document; `nil` in filters and updates.
    public let document: MongoDocument?
    /// The value before.
    public let prior: Value
  }

  public var apply: @Sendable (Value, Context) throws -> Value
  /// True for the library's own, which look at nothing but the value.
  var isBuiltIn = false

  /// Made of these parts; what is left out has its usual value.
  public init(_ apply: @escaping @Sendable (Value, Context) throws -> Value) { self.apply = apply }
}

/// A getter or transform: what a stored value is shown as.
public struct PathGetter: Sendable {
  public var apply: @Sendable (Value, MongoDocument?) throws -> Value

  /// Made of these parts; what is left out has its usual value.
  public init(_ apply: @escaping @Sendable (Value, MongoDocument?) throws -> Value) {
    self.apply = apply
  }
}

/// An index over one path.
public struct PathIndex: Sendable {
  /// True where no two documents may have the same value.
  public var isUnique = false
  /// The error of a duplicate, in place of the store's.
  public var uniqueMessage: String?
  public var isSparse = false
  public var isDescending = false
  /// `text`, `2dsphere`, `hashed`.
  public var kind: String?
  public var expiresAfterSeconds: Int?
  public var name: String?
  public var partialFilter: Document?

  /// Made of these parts; what is left out has its usual value.
  public init() {}
}

/// A sub-schema of a subdocument, told apart by the discriminator key.
public struct EmbeddedDiscriminator: Sendable {
  public var name: String
  /// What the key holds; the name where `nil`.
  public var value: Value?
  public var schema: Schema

  /// Made of these parts; what is left out has its usual value.
  public init(_ name: String, value: Value? = nil, schema: Schema) {
    self.name = name
    self.value = value
    self.schema = schema
  }
}
