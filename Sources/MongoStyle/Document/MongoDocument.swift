internal import PrivataCore
internal import Synchronization

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
  // Safe: `state` and `box` are only touched with the tree's lock held; the rest is constant or
  // atomic.

  /// Where the document stands.
  enum Place {
    case root
    case single(path: String)
    case element(path: String, index: Int?)
  }

  let core: ModelCore?
  let schema: CompiledSchema
  /// The lock of the document that this one is a part of; `nil` for one of its own.
  private let shared: TreeLock?
  private let own = AtomicLazyReference<TreeLock>()
  /// The document as it was stored; `nil` for one that was made.
  private let stored: Document?
  /// The page of cells that the stored document reads from and what of it is kept, where both are
  /// known; the row.
  private let page: DocumentPage?
  private let kept: KeptCells?
  private let row: Int
  /// True once the fields are in the state. Before, what is read comes out of the stored document,
  /// which nobody changes, without the lock.
  private let isLoaded: Atomic<Bool>
  /// How a stored document was read; `nil` for one that was made.
  private let source: Source?
  /// Made when it is first needed: a document that is only read has none.
  private var box: StateBox?

  private final class StateBox {
    var state: State
    init(_ state: State) { self.state = state }
  }

  /// How documents came from the store; one for all of an answer.
  final class Source: Sendable {
    let selection: Selection?
    let session: MongoSession?
    let strict: StrictMode?
    let appliesDefaults: Bool
    /// True where the document was not read but has just been written.
    let isFresh: Bool
    /// The cells of the answer's page that are values as they lie there; `nil` without a page.
    let kept: KeptCells?

    init(
      selection: Selection? = nil, session: MongoSession? = nil, strict: StrictMode? = nil,
      appliesDefaults: Bool = true, isFresh: Bool = false, kept: KeptCells? = nil
    ) {
      self.kept = kept
      self.selection = selection
      self.session = session
      self.strict = strict
      self.appliesDefaults = appliesDefaults
      self.isFresh = isFresh
    }

    /// Of documents that were stored a moment ago.
    static let fresh = Source(isFresh: true)
  }

  /// Held by whoever touches the state.
  var lock: TreeLock { shared ?? own.load() ?? own.storeIfNil(TreeLock()) }

  /// The stored document, until something asks for more than plain fields.
  @inline(__always)
  var raw: Document? { isLoaded.load(ordering: .acquiring) ? nil : stored }

  /// The value of a plain field straight from the stored document; `nil` where the document has to be
  /// loaded for it.
  @inline(__always)
  func direct(_ path: String) -> Value? {
    if let page, let kept, !isLoaded.load(ordering: .acquiring),
      let value = page.keptValue(path, row: row, kept)
    {
      return value
    }
    return slowDirect(path)
  }

  @inline(never)
  private func slowDirect(_ path: String) -> Value? {
    guard let stored, !isLoaded.load(ordering: .acquiring) else { return nil }
    return schema.reads.value(path, in: stored)
  }

  /// Answers the stored document where its fields have not been read; from now on they count as read.
  func takeRaw() -> Document? {
    guard let raw else { return nil }
    isLoaded.store(true, ordering: .releasing)
    return raw
  }

  var state: State {
    _read { yield made().state }
    _modify { yield &made().state }
  }

  private func made() -> StateBox {
    if let box { return box }
    var state = State(strict: source?.strict ?? schema.options.strict)
    if let source {
      state.isNew = false
      state.selection = source.selection
      state.session = source.session
      state.skipsID = true
      state.appliesDefaults = source.appliesDefaults
      if source.isFresh { state.savedState = [:] }
    }
    let box = StateBox(state)
    self.box = box
    return box
  }

  /// True where what is loaded counts as saved, not as read.
  var isFresh: Bool { source?.isFresh ?? false }

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
    shared = lock
    stored = nil
    page = nil
    kept = nil
    row = 0
    isLoaded = Atomic(true)
    source = nil
  }

  /// A document as it lies in the store.
  init(core: ModelCore, raw: Document, source: Source) {
    self.core = core
    schema = core.schema
    shared = nil
    stored = raw
    let place = source.kept == nil ? nil : raw.source
    page = place?.page
    row = place?.row ?? 0
    kept = source.kept
    isLoaded = Atomic(false)
    self.source = source
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
