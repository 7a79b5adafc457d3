public import PrivataCore

/// The shape of a model's documents, stated at run time as in Mongoose: paths with types and
/// options, virtuals, hooks, indexes. A plain value; a model keeps the one that it was made with.
///
/// ```swift
/// var userSchema = Schema([
///   "name": .string(.required, .pii),
///   "email": .string(.pii, .unique),
///   "diagnosis": .string(.phi),
///   "role": .string,
///   "sessions": [.ref("Session")],
/// ], options: .timestamps)
/// userSchema.virtual("label") { .string("\($0.value("role"))") }
/// let User = try mongo.model("User", userSchema)
/// ```
///
/// Privacy: fields marked `.pii` and `.phi` are kept apart where the model is one of a vault.
public struct Schema: Sendable {
  /// The paths in their order.
  public var entries: [SchemaPath.Entry]
  public var options: SchemaOptions
  public var virtuals: [VirtualPath] = []
  public var indexes: [SchemaIndex] = []
  public var discriminators: [EmbeddedDiscriminator] = []
  public var methods: [String: DocumentMethod] = [:]
  public var statics: [String: ModelMethod] = [:]
  public var queryHelpers: [String: QueryMethod] = [:]
  var hooks = Hooks()
  /// The identity of the schema: a model may be asked for again with the same schema, and a copy
  /// that was not changed is the same.
  var identity = SchemaIdentity()

  /// A schema of these paths.
  public init(
    _ paths: KeyValuePairs<String, SchemaPath>, options: SchemaOptions = .standard
  ) {
    self.init(paths.map { SchemaPath.Entry($0.key, $0.value) }, options: options)
  }

  /// A schema of these paths, made at run time.
  public init(_ entries: [SchemaPath.Entry], options: SchemaOptions = .standard) {
    self.entries = entries
    self.options = options
  }
}

extension Schema: ExpressibleByDictionaryLiteral {
  /// A schema with the usual options, as subdocuments have: `.document(["name": .string])`.
  public init(dictionaryLiteral elements: (String, SchemaPath)...) {
    self.init(elements.map { SchemaPath.Entry($0.0, $0.1) })
  }
}

/// Tells schemas apart without comparing their closures.
final class SchemaIdentity: Sendable {}

/// A method of documents, by name.
public typealias DocumentMethod = @Sendable (MongoDocument, [Value]) async throws -> QueryAnswer
/// A method of a model, by name.
public typealias ModelMethod = @Sendable (MongoModel, [Value]) throws -> MongoQuery<QueryAnswer>
/// A method of queries, by name.
public typealias QueryMethod = @Sendable (inout QueryPlan, [Value]) throws -> Void

extension Schema {
  /// Adds a path, or replaces the one of that name.
  public mutating func add(_ name: String, _ path: SchemaPath) {
    identity = SchemaIdentity()
    entries.removeAll { $0.name == name }
    entries.append(SchemaPath.Entry(name, path))
  }

  /// Adds another schema's paths, virtuals, hooks, methods and indexes.
  public mutating func add(_ other: Schema) {
    for entry in other.entries { add(entry.name, entry.path) }
    virtuals += other.virtuals
    indexes += other.indexes
    hooks.append(contentsOf: other.hooks)
    methods.merge(other.methods) { $1 }
    statics.merge(other.statics) { $1 }
    queryHelpers.merge(other.queryHelpers) { $1 }
  }

  /// Removes a path.
  public mutating func remove(_ name: String) {
    identity = SchemaIdentity()
    entries.removeAll { $0.name == name }
  }

  /// A schema of some of the paths.
  public func pick(_ names: [String]) -> Schema {
    var schema = self
    schema.identity = SchemaIdentity()
    schema.entries = entries.filter { names.contains($0.name) }
    return schema
  }

  /// A schema without some of the paths.
  public func omit(_ names: [String]) -> Schema {
    var schema = self
    schema.identity = SchemaIdentity()
    schema.entries = entries.filter { !names.contains($0.name) }
    return schema
  }

  /// What the schema says about a top-level path.
  public func path(_ name: String) -> SchemaPath? { entries.first { $0.name == name }?.path }

  /// Adds a method that documents answer by name with `MongoDocument.call(_:_:)`.
  public mutating func method(_ name: String, _ body: @escaping DocumentMethod) {
    methods[name] = body
  }

  /// Adds a method that the model answers by name with `MongoModel.call(_:_:)`.
  public mutating func `static`(_ name: String, _ body: @escaping ModelMethod) {
    statics[name] = body
  }

  /// Adds a chain method of queries, used with `MongoQuery.call(_:_:)`.
  public mutating func query(_ name: String, _ body: @escaping QueryMethod) {
    queryHelpers[name] = body
  }

  /// Adds an index.
  ///
  /// ```swift
  /// schema.index(["lastName": 1, "firstName": 1], unique: true)
  /// ```
  public mutating func index(
    _ fields: Document, unique: Bool = false, sparse: Bool = false, name: String? = nil,
    expireAfterSeconds: Int? = nil, where partialFilter: Document? = nil,
    collation: Document? = nil
  ) {
    indexes.append(
      SchemaIndex(
        fields: fields, isUnique: unique, isSparse: sparse, name: name,
        expireAfterSeconds: expireAfterSeconds, partialFilter: partialFilter,
        collation: collation))
  }

  /// Adds a sub-model of the same collection, told apart by the discriminator key.
  public mutating func discriminator(
    _ name: String, value: PrivataCore.Value? = nil, _ schema: Schema
  ) {
    discriminators.append(EmbeddedDiscriminator(name, value: value, schema: schema))
  }

  /// Lets a plugin change the schema.
  public mutating func plugin(_ plugin: some SchemaPlugin) { plugin.apply(to: &self) }
}

/// A reusable change of schemas: soft deletion, ownership, audit fields.
///
/// ```swift
/// struct Owned: SchemaPlugin {
///   func apply(to schema: inout Schema) { schema.add("owner", .ref("User")) }
/// }
/// ```
public protocol SchemaPlugin: Sendable {
  /// Changes the schema.
  func apply(to schema: inout Schema)
}

/// An index of a schema.
public struct SchemaIndex: Sendable {
  public var fields: Document
  public var isUnique = false
  public var isSparse = false
  public var name: String?
  public var expireAfterSeconds: Int?
  public var partialFilter: Document?
  /// Compares texts by a language's rules.
  public var collation: Document?
}
