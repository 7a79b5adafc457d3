public import PrivataCore

/// A model: the functions of a collection in Mongoose's shape.
///
/// ```swift
/// let User = try mongo.model("User", userSchema)
/// let ada = try await User.create(["name": "Ada", "age": 36])
/// let adults = try await User.find(["age": ["$gte": 18]]).sort("name").exec()
/// ```
public struct MongoModel: Sendable {
  let core: ModelCore

  init(_ core: ModelCore) { self.core = core }

  /// The name: `User`.
  public var name: String { core.name }
  /// The connection that the model belongs to.
  public var connection: MongoConnection { core.connection }
  /// The collection or table.
  public var collection: String { core.lowered.collection }
  /// The model as stores see it.
  public var lowered: ModelSchema { core.lowered }
  /// The name of the model that this one is a sub-model of.
  public var baseName: String? { core.baseName }
  /// The sub-models by name.
  public var discriminators: [String: MongoModel] { core.discriminators.mapValues(MongoModel.init) }

  var schema: CompiledSchema { core.schema }

  /// The kind of a path: `real`, `virtual`, `nested` or `adhocOrUndefined`.
  public func pathType(_ path: String) -> String {
    switch schema.pathType(path) {
    case .real: "real"
    case .virtual: "virtual"
    case .nested: "nested"
    case .unknown: "adhocOrUndefined"
    }
  }

  /// The paths of the schema in their order.
  public var paths: [String] { schema.all.map(\.path) }

  /// The paths that must have a value.
  public var requiredPaths: [String] { schema.requiredPaths.map(\.path) }

  /// Makes what the model needs: table or collection, indexes.
  public func prepare() async throws { try await core.prepare() }

  /// A session for transactions by hand.
  public func startSession() -> MongoSession { connection.startSession() }

  /// A document that is not stored yet, cast and with defaults. What cannot be cast is kept as an
  /// error of its path for `validate()`.
  ///
  /// ```swift
  /// let user = try User(["name": "Ada"])
  /// ```
  ///
  /// - Throws: ``StrictModeError`` where strict mode throws.
  public func callAsFunction(
    _ values: Document = [:], defaults: Bool = true, skipID: Bool = false,
    strict: StrictMode? = nil
  ) throws -> MongoDocument {
    do {
      var options = ConstructOptions()
      options.appliesDefaults = defaults
      options.skipsID = skipID
      options.strict = strict
      return try MongoDocument.construct(
        core: core, schema: schema, values: .value(.document(values)), options: options)
    } catch { throw outward(error) }
  }

  /// Runs a static method that the schema states.
  public func call(_ name: String, _ arguments: Value...) throws -> MongoQuery<QueryAnswer> {
    try call(name, arguments)
  }

  /// Runs a static method that the schema states.
  public func call(_ name: String, _ arguments: [Value]) throws -> MongoQuery<QueryAnswer> {
    guard let method = schema.statics[name] else {
      throw UsageError("The schema of \"\(self.name)\" has no static \"\(name)\"").wrapped
    }
    return try method(self, arguments)
  }
}

extension MongoModel: Equatable {
  public static func == (a: MongoModel, b: MongoModel) -> Bool { a.core === b.core }
}
