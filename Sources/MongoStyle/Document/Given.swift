public import PrivataCore

/// Values for a document that may hold loaded documents among them.
///
/// ```swift
/// let session = try await Session.create(given: ["user": .document(ada), "minutes": 30])
/// ```
public indirect enum Given: Sendable {
  case value(PrivataCore.Value)
  /// A loaded document for a path that refers to its model, or a subdocument.
  case document(MongoDocument)
  case list([Given])
  case object([Member])

  /// A name and what is given for it.
  public struct Member: Sendable {
    /// The key, and what is given for it.
    public var key: String
    public var given: Given

    /// Made of these parts; what is left out has its usual value.
    public init(_ key: String, _ given: Given) {
      self.key = key
      self.given = given
    }
  }

  var slot: Slot {
    switch self {
    case .value(let value): .value(value)
    case .document(let document): document.isPart ? .subdocument(document) : .populated(document)
    case .list(let items): .list(List(items.map(\.slot)))
    case .object(let members):
      .nested(Slots(entries: members.map { Slots.Entry(key: $0.key, slot: $0.given.slot) }))
    }
  }
}

extension Given: ExpressibleByDictionaryLiteral, ExpressibleByArrayLiteral,
  ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral,
  ExpressibleByBooleanLiteral, ExpressibleByNilLiteral
{
  public init(dictionaryLiteral elements: (String, Given)...) {
    self = .object(elements.map { Member($0.0, $0.1) })
  }
  public init(arrayLiteral elements: Given...) { self = .list(elements) }
  public init(stringLiteral value: String) { self = .value(.string(value)) }
  public init(integerLiteral value: Int) { self = .value(.int(value)) }
  public init(floatLiteral value: Double) { self = .value(.double(value)) }
  public init(booleanLiteral value: Bool) { self = .value(.bool(value)) }
  public init(nilLiteral: ()) { self = .value(.null) }
}

extension MongoDocument {
  /// Assigns a path with values that may hold loaded documents.
  public func set(_ path: String, given: Given) throws {
    try outwardly { try setPath(path, given.slot, SetOptions()) }
  }

  /// Assigns several paths with values that may hold loaded documents.
  public func set(given: Given) throws {
    try outwardly { try setAll(given.slot, under: nil, SetOptions()) }
  }
}

extension TrackedArray {
  /// Appends values that may be loaded documents.
  @discardableResult
  public func push(given: [Given]) throws -> Int {
    try document.outwardly { try pushSlots(given.map(\.slot)) }
  }
}

extension MongoModel {
  /// A document that is not stored yet, of values that may hold loaded documents.
  public func callAsFunction(
    given: Given, defaults: Bool = true, skipID: Bool = false, strict: StrictMode? = nil
  ) throws -> MongoDocument {
    do {
      var options = ConstructOptions()
      options.appliesDefaults = defaults
      options.skipsID = skipID
      options.strict = strict
      return try MongoDocument.construct(
        core: core, schema: schema, values: given.slot, options: options)
    } catch { throw outward(error) }
  }
}
