internal import PrivataCore

/// A document with its schema: reads and assignments go through getters, setters and casting,
/// changes are tracked, and `save()` sends only what changed.
///
/// ```swift
/// let user = try await User.findById(id).orFail().exec()
/// user["email"] = "ada@example.org"
/// user.array("tags").push("vip")
/// try await user.save()     // updateOne {_id}, {$set: {email}, $push: {tags: …}, $inc: {__v: 1}}
/// ```
///
/// A document is shared by reference and may be used from many tasks: each call is atomic, sequences
/// of calls are not.
///
/// Privacy: prints as its model and id; values never.
public final class MongoDocument: @unchecked Sendable {
  // Safe: `state` and `raw` are only touched with the tree's lock held; the rest is constant.

  /// Where the document stands.
  enum Place {
    case root
    case single(path: String)
    case element(path: String, index: Int?)
  }

  let core: ModelCore?
  let schema: CompiledSchema
  let lock: TreeLock
  var state: State
  /// The stored document, until something asks for its fields.
  var raw: Document?

  /// Everything that changes.
  struct State {
    var fields = Slots()
    var paths = PathStates()
    var isNew = true
    var place = Place.root
    weak var parent: MongoDocument?
    var strict: StrictMode
    var selection: Selection?
    /// What top-level paths held when they were first changed; `nil` until the document was stored.
    var savedState: [String: Value]?
    var invalid: ValidationError?
    var populated: [String: PopulatedPath] = [:]
    var populatedVirtuals = Slots()
    /// The id that stands in the parent's place of this populated document.
    var populatedID: Value?
    var version: VersionChange = []
    var increments: [String: Double] = [:]
    var session: MongoSession?
    var isDeleted = false
    var isSaving = false
    var isValidating = false
    var timestamps: TimestampChoice?
    var conditions: Document?
    var locals: [String: Value] = [:]
    var requiredByCondition: [String: Bool] = [:]
    var skipsID = false
    var appliesDefaults = true
    var backup: Backup?
    /// The value that this one replaces, while it is made.
    var prior: MongoDocument?
    var saveOptions: SaveOptions?
    var removedSubdocuments: [MongoDocument] = []
  }

  struct Backup {
    var modified: [String]
    var defaulted: [String]
    var invalid: ValidationError?
    var lists: [String: List.Change]
  }

  /// What `save()` does with the version.
  struct VersionChange: OptionSet {
    let rawValue: UInt8
    static let check = VersionChange(rawValue: 1)
    static let increment = VersionChange(rawValue: 2)
    static let all: VersionChange = [.check, .increment]
  }

  init(core: ModelCore?, schema: CompiledSchema, lock: TreeLock? = nil) {
    self.core = core
    self.schema = schema
    self.lock = lock ?? TreeLock()
    state = State(strict: schema.options.strict)
  }

  /// Runs with the document's fields at hand.
  func locked<R, E: Error>(_ body: () throws(E) -> R) throws(E) -> R {
    try lock.withLock { () throws(E) -> R in
      materialize()
      return try body()
    }
  }
}

/// A path that holds loaded documents in place of ids.
struct PopulatedPath: Sendable {
  /// The id or ids that are stored.
  var ids: Value
  var model: ModelCore?
  /// The request that loaded them, for what `save()` may not replace.
  var request: PopulateRequest?
  var isVirtual = false
}

/// Which paths a document was loaded with.
struct Selection: Sendable {
  let fields: Document
  /// True where fields are left out, false where they are asked for, `nil` for neither.
  let isExclusive: Bool?

  init?(_ fields: Document?) {
    guard let fields, !fields.isEmpty else { return nil }
    self.fields = fields
    isExclusive = Projections.isExclusive(fields)
  }
}

extension MongoDocument: CustomStringConvertible, CustomReflectable {
  /// Model and id; no field is printed.
  public var description: String {
    let name = core?.name ?? "Subdocument"
    return "\(name)(\(locked { JavaScript.text(rawValue("_id")) } ?? "without id"))"
  }

  public var customMirror: Mirror { Mirror(self, children: []) }
}

extension MongoDocument: Equatable {
  /// The same object; ``isSame(as:)`` compares ids.
  public static func == (a: MongoDocument, b: MongoDocument) -> Bool { a === b }
}
