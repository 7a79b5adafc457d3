public import PrivataCore

/// What becomes of paths that a schema does not name.
public enum StrictMode: Sendable, Hashable {
  /// Kept, or in filters sent as they are.
  case keep
  /// Dropped silently, as Mongoose does.
  case drop
  /// Refused with ``StrictModeError``.
  case `throw`
}

/// The options of a schema.
///
/// ```swift
/// Schema([...], options: .timestamps)
/// Schema([...], options: SchemaOptions { $0.collection = "people"; $0.versionKey = nil })
/// ```
public struct SchemaOptions: Sendable {
  /// The collection; made from the model's name where `nil`.
  public var collection: String?
  /// Unknown paths in documents and updates.
  public var strict: StrictMode = .drop
  /// Unknown paths in filters; the connection's profile decides where `nil`.
  public var strictQuery: StrictMode?
  /// Unknown stored paths; `.drop` hides them, `.throw` refuses the document.
  public var strictRead: StrictMode = .keep
  /// The path of the version number, `nil` for none.
  public var versionKey: String? = "__v"
  public var timestamps: Timestamps?
  /// Leaves out empty nested objects.
  public var minimize = true
  /// Gives documents the virtual `id`.
  public var hasIDVirtual = true
  /// Gives subdocuments an `_id`.
  public var hasID = true
  public var toObject = ObjectForm()
  public var toJSON = ObjectForm(flattenMaps: true)
  public var discriminatorKey = "__t"
  public var optimisticConcurrency: OptimisticConcurrency = .off
  /// Array paths whose changes leave the version alone.
  public var skipVersioning: Set<String> = []
  public var validateBeforeSave = true
  public var validateModifiedOnly = false
  public var selectPopulatedPaths = true
  public var lean = false
  public var collation: Document?
  public var readPreference: String?
  public var readConcern: String?
  /// What ``MongoModel/createCollection(_:)`` makes the collection with, by MongoDB's names.
  public var collectionOptions = Document()
  public var autoIndex: Bool?
  public var autoCreate: Bool?
  public var translateAliases: Bool?
  public var strictPopulate: Bool?
  /// Leaves out the second ``ValidationError`` at a subdocument's own path.
  public var storesSubdocumentErrors = true

  /// The defaults.
  public init() {}

  /// The defaults with changes.
  public init(_ change: (inout SchemaOptions) -> Void) { change(&self) }

  /// `createdAt` and `updatedAt`.
  public static var timestamps: SchemaOptions { SchemaOptions { $0.timestamps = Timestamps() } }

  /// The defaults.
  public static var standard: SchemaOptions { SchemaOptions() }
}

/// The paths that hold when a document was made and changed.
public struct Timestamps: Sendable {
  /// Whether, or by what name, each of the two moments is kept.
  public var createdAt: String?
  public var updatedAt: String?
  /// The clock; the system's where `nil`.
  public var now: (@Sendable () -> Value)?

  /// The usual names; `nil` switches one off.
  public init(
    createdAt: String? = "createdAt", updatedAt: String? = "updatedAt",
    now: (@Sendable () -> Value)? = nil
  ) {
    self.createdAt = createdAt
    self.updatedAt = updatedAt
    self.now = now
  }

  func moment() -> Value { now?() ?? .date(.now) }
}

/// When `save()` checks that nobody else changed the document.
public enum OptimisticConcurrency: Sendable, Hashable {
  /// Only for changes of arrays that depend on positions.
  case off
  /// On every save.
  case on
  /// Where one of these paths changed.
  case only([String])
  /// Where another than these paths changed.
  case except([String])
}

/// How documents are turned into plain ones.
public struct ObjectForm: Sendable {
  /// Which virtuals to include.
  public enum Virtuals: Sendable, Hashable {
    case none, all
    case only([String])
    case except([String])
  }

  /// Options of the form, by their names in Mongoose; `nil` follows the schema.
  public var virtuals: Virtuals?
  public var getters: Bool?
  public var aliases: Bool?
  public var minimize: Bool?
  public var depopulate: Bool?
  public var versionKey: Bool?
  public var flattenMaps: Bool?
  public var flattenObjectIDs: Bool?
  public var flattenUUIDs: Bool?
  public var useProjection: Bool?
  public var schemaFieldsOnly: Bool?
  /// Shows maps as `["$map": ...]` where they are not flattened, to tell them from documents.
  public var marksMaps = false
  /// False leaves out the schema's transforms.
  public var transforms: Bool?
  /// Changes the plain document; runs for subdocuments too where they have none of their own.
  public var transform: (@Sendable (MongoDocument, inout Document) throws -> Void)?

  /// What is not said here the schema says.
  public init(
    virtuals: Virtuals? = nil, getters: Bool? = nil, minimize: Bool? = nil,
    depopulate: Bool? = nil, versionKey: Bool? = nil, flattenMaps: Bool? = nil,
    transform: (@Sendable (MongoDocument, inout Document) throws -> Void)? = nil
  ) {
    self.virtuals = virtuals
    self.getters = getters
    self.minimize = minimize
    self.depopulate = depopulate
    self.versionKey = versionKey
    self.flattenMaps = flattenMaps
    self.transform = transform
  }
}
