public import PrivataCore

/// What a query was asked for beside filter, projection, order and update.
public struct QuerySettings: Sendable {
  /// Options of the query, by their names in Mongoose.
  public var limit: Int?
  public var skip: Int?
  public var collation: Document?
  public var hint: Value?
  public var comment: String?
  public var maxTimeMilliseconds: Int?
  public var batchSize: Int?
  public var readPreference: String?
  public var readConcern: String?
  public var allowDiskUse: Bool?
  /// `true`, or the verbosity, where the plan is asked for in place of the answer.
  public var explain: Value?
  public var upsert = false
  /// Which form of a changed document is answered; the connection's default where `nil`.
  public var returnsAfter: Bool?
  public var includesMetadata = false
  public var runValidators: Bool?
  public var setDefaultsOnInsert: Bool?
  public var arrayFilters: [Document] = []
  public var strict: StrictMode?
  public var strictQuery: StrictMode?
  public var timestamps: TimestampChoice?
  public var overwriteDiscriminatorKey = false
  public var overwriteImmutable = false
  public var requireFilter: Bool?
  public var sanitizeFilter: Bool?
  public var sanitizeProjection: Bool?
  public var translateAliases: Bool?
  public var allowsPipeline: Bool?
  public var multipleCastError = false
  /// False leaves out the schema's defaults in answered documents.
  public var appliesDefaults: Bool?
  public var schemaLevelProjections = true
  public var session: MongoSession?
  public var lean: LeanOptions?
  /// Options by MongoDB's names that only MongoDB knows.
  public var more = Document()

  /// Nothing said.
  public init() {}
}

/// How plain documents are answered.
public struct LeanOptions: Sendable {
  /// Runs on each plain document and each of its subdocuments.
  public var transform: (@Sendable (inout Document) -> Void)?
  /// False leaves the version out.
  public var versionKey = true
  /// Computes virtuals into the plain documents.
  public var virtuals: ObjectForm.Virtuals = .none
  /// Runs the getters of paths.
  public var getters = false
  /// Fills in literal defaults.
  public var defaults = false

  /// Made of these parts; what is left out has its usual value.
  public init() {}

  /// The usual way with changes.
  public init(_ change: (inout LeanOptions) -> Void) { change(&self) }
}

extension QuerySettings {
  /// Applies one option by Mongoose's name.
  ///
  /// - Throws: ``CastError`` for a limit or skip that is no number.
  mutating func set(_ name: String, _ value: Value) throws {
    switch name {
    case "limit": limit = try QuerySettings.count(value, name)
    case "skip": skip = try QuerySettings.count(value, name)
    case "collation": collation = value.asDocument
    case "hint": hint = value
    case "comment": comment = value.asString
    case "maxTimeMS": maxTimeMilliseconds = value.asInt
    case "batchSize": batchSize = value.asInt
    case "readPreference", "read": readPreference = value.asString
    case "readConcern": readConcern = value.asString
    case "allowDiskUse": allowDiskUse = value.asBool
    case "explain": explain = value
    case "arrayFilters": arrayFilters = value.asArray?.compactMap(\.asDocument) ?? []
    case "timestamps": timestamps = QuerySettings.timestamps(value)
    case "strict": strict = QuerySettings.strict(value)
    case "strictQuery": strictQuery = QuerySettings.strict(value)
    case "lean": lean = QuerySettings.lean(value)
    case "returnDocument": returnsAfter = value == "after"
    case "new": returnsAfter = value.isTruthy
    case "returnOriginal": returnsAfter = !value.isTruthy
    default: try setFlag(name, value)
    }
  }

  private mutating func setFlag(_ name: String, _ value: Value) throws {
    let flag = value.isTruthy
    switch name {
    case "upsert": upsert = flag
    case "includeResultMetadata": includesMetadata = flag
    case "runValidators": runValidators = flag
    case "setDefaultsOnInsert": setDefaultsOnInsert = flag
    case "overwriteDiscriminatorKey": overwriteDiscriminatorKey = flag
    case "overwriteImmutable": overwriteImmutable = flag
    case "requireFilter": requireFilter = flag
    case "sanitizeFilter": sanitizeFilter = flag
    case "sanitizeProjection": sanitizeProjection = flag
    case "translateAliases": translateAliases = flag
    case "updatePipeline": allowsPipeline = flag
    case "multipleCastError": multipleCastError = flag
    case "defaults": appliesDefaults = flag
    case "schemaLevelProjections": schemaLevelProjections = flag
    case "context", "cloneUpdate", "ordered", "validateBeforeSave": break
    default: more[name] = value
    }
  }

  /// A count: a number, or a text that is one.
  static func count(_ value: Value, _ name: String) throws -> Int? {
    if value.isNullish { return nil }
    if case .string = value {
      guard let number = try? CompiledPath.number(value) else {
        throw CastError(kind: "Number", path: name, value: value)
      }
      return number.asInt ?? number.asDouble.map { Int($0) }
    }
    return value.asInt ?? value.asDouble.map { Int($0) }
  }

  static func strict(_ value: Value) -> StrictMode? {
    switch value {
    case .string("throw"): .throw
    case .bool(let flag): flag ? .drop : .keep
    default: nil
    }
  }

  static func timestamps(_ value: Value) -> TimestampChoice {
    guard case .document(let choice) = value else { return value.isTruthy ? .on : .off }
    return TimestampChoice(
      createdAt: choice["createdAt"] != false, updatedAt: choice["updatedAt"] != false)
  }

  static func lean(_ value: Value) -> LeanOptions? {
    guard value.isTruthy else { return nil }
    var options = LeanOptions()
    if case .document(let choice) = value {
      options.versionKey = choice["versionKey"] != false
      if choice["virtuals"]?.isTruthy ?? false { options.virtuals = .all }
      options.defaults = choice["defaults"]?.isTruthy ?? false
      options.getters = choice["getters"]?.isTruthy ?? false
    }
    return options
  }
}
