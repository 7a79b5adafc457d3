public import PrivataCore

/// What `populate` is to load for a path.
///
/// ```swift
/// User.find().populate(PopulateRequest("sessions", select: "minutes", match: ["status": "done"]))
/// ```
public struct PopulateRequest: Sendable {
  /// The path that holds ids, or a virtual.
  public var path: String
  /// The projection of the loaded documents, in any form of ``MongoQuery/select(_:)-(String)``.
  public var select: Value = .undefined
  public var match: PopulateMatch?
  /// The model to load from, in place of the schema's.
  public var model: String?
  public var options = PopulateOptions()
  /// What to populate in the loaded documents.
  public var populate: [PopulateRequest] = []
  /// One document or a list, in place of the virtual's own choice.
  public var justOne: Bool?
  /// Keeps a place with null for each id without a document.
  public var retainNullValues = false
  /// False leaves out paths that the schema does not have; refused with ``StrictPopulateError``
  /// where `nil`.
  public var strict: Bool?
  /// False leaves paths alone that are loaded already.
  public var forceRepopulate = true
  /// Leaves out ids that cannot be cast to the other model's type.
  public var skipInvalidIDs = false
  /// Gives each place a document of its own, where several places hold the same id.
  public var clones = false
  /// Replaces each loaded document (`nil` where there is none) by a value.
  public var transform: (@Sendable (MongoDocument?, Value) -> Value)?
  /// A field of this model in place of the virtual's.
  public var localField: String?
  /// A field of the other model in place of `_id`, or of the virtual's.
  public var foreignField: String?
  /// True where the caller's schema has to know the path.
  var isChecked = true

  /// A request for a path.
  public init(_ path: String) { self.path = path }

  /// A request for a path with the usual options.
  public init(
    _ path: String, select: Value = .undefined, match: Document? = nil, model: String? = nil,
    options: PopulateOptions = PopulateOptions(), populate: [PopulateRequest] = []
  ) {
    self.path = path
    self.select = select
    self.match = match.map { .filter($0) }
    self.model = model
    self.options = options
    self.populate = populate
  }

  /// True where the loaded documents may be fewer than the ids, so that the array cannot be
  /// replaced by what was loaded.
  var isPartial: Bool {
    if match != nil || options.limit != nil || (options.skip ?? 0) > 0 { return true }
    switch select {
    case .string(let text): return text.split(separator: " ").contains("-_id")
    case .document(let fields): return fields["_id"].map { !$0.isTruthy } ?? false
    default: return false
    }
  }
}

/// Which of the documents referred to are loaded.
public enum PopulateMatch: Sendable {
  case filter(Document)
  /// Decides for each document that refers; applied in memory after one query for all.
  case function(@Sendable (MongoDocument) -> Document)
}

/// How the documents referred to are loaded.
public struct PopulateOptions: Sendable {
  /// The order, in any form of ``MongoQuery/sort(_:)-(String)``.
  public var sort: Value?
  public var skip: Int?
  /// The most documents: per document that refers, or (in Mongoose's profile) in all.
  public var limit: Int?
  /// The most documents per document that refers: one query each.
  public var perDocumentLimit: Int?
  /// Loads plain documents; the query's own choice where `nil`.
  public var lean: Bool?
  public var collation: Document?
  /// Further options by Mongoose's names.
  public var more = Document()

  /// Nothing said.
  public init() {}

  /// Options with changes.
  public init(_ change: (inout PopulateOptions) -> Void) { change(&self) }

  /// Options by Mongoose's names.
  public init(_ options: Document) {
    for option in options.elements { set(option.key, option.value) }
  }

  /// Takes over what is not said here.
  mutating func fill(with other: PopulateOptions) {
    sort = sort ?? other.sort
    skip = skip ?? other.skip
    if limit == nil, perDocumentLimit == nil {
      limit = other.limit
      perDocumentLimit = other.perDocumentLimit
    }
    lean = lean ?? other.lean
    collation = collation ?? other.collation
    for element in other.more.elements where !more.contains(element.key) {
      more[element.key] = element.value
    }
  }

  mutating func set(_ name: String, _ value: Value) {
    switch name {
    case "sort": sort = value
    case "skip": skip = value.asInt
    case "limit": limit = value.asInt
    case "perDocumentLimit": perDocumentLimit = value.asInt
    case "lean": lean = value.isTruthy
    case "collation": collation = value.asDocument
    default: more[name] = value
    }
  }
}

// MARK: - Requests from values

extension PopulateRequest {
  /// The requests of Mongoose's forms: `"a b"`, a list, or documents with `path`, `select`, `match`,
  /// `model`, `options`, `populate`.
  public static func parse(_ value: Value, select: Value = .undefined) -> [PopulateRequest] {
    switch value {
    case .string(let names):
      return names.split(separator: " ").map { name in
        var request = PopulateRequest(String(name))
        request.select = select
        return request
      }
    case .array(let items): return items.flatMap { parse($0, select: select) }
    case .document(let document): return parse(document)
    default: return []
    }
  }

  private static func parse(_ document: Document) -> [PopulateRequest] {
    guard let path = document["path"]?.asString else { return [] }
    return path.split(separator: " ").map { name in
      var request = PopulateRequest(String(name))
      for element in document.elements { request.take(element.key, element.value) }
      return request
    }
  }

  private mutating func take(_ name: String, _ value: Value) {
    switch name {
    case "select": select = value
    case "match": match = value.asDocument.map { .filter($0) }
    case "model": model = value.asString
    case "options": for option in value.asDocument?.elements ?? [] { take(option: option) }
    case "populate": populate = PopulateRequest.parse(value)
    case "justOne": justOne = value.asBool
    case "retainNullValues": retainNullValues = value.isTruthy
    case "strictPopulate": strict = value.asBool
    case "forceRepopulate": forceRepopulate = value.isTruthy
    case "skipInvalidIds": skipInvalidIDs = value.isTruthy
    case "clone": clones = value.isTruthy
    case "localField": localField = value.asString
    case "foreignField": foreignField = value.asString
    case "perDocumentLimit", "limit", "skip", "sort":
      options.set(name, value)
    default: break
    }
  }

  private mutating func take(option: Document.Element) {
    switch option.key {
    case "strictPopulate": strict = option.value.asBool
    case "retainNullValues": retainNullValues = option.value.isTruthy
    default: options.set(option.key, option.value)
    }
  }

  /// The paths of requests, nested ones with dots.
  static func paths(_ requests: [PopulateRequest]) -> [String] {
    requests.map(\.path)
      + requests.flatMap { request in
        paths(request.populate).map { "\(request.path).\($0)" }
      }
  }
}

// MARK: - On queries

extension QueryPlan {
  /// Adds requests in any of Mongoose's forms.
  public mutating func populate(_ value: Value, select: Value = .undefined) {
    for request in PopulateRequest.parse(value, select: select) { add(request) }
  }

  /// Adds a request. A path that has one gets the new one, with the nested requests of both.
  public mutating func add(_ request: PopulateRequest) {
    var request = request
    if let index = populations.firstIndex(where: { $0.path == request.path }) {
      if !request.populate.isEmpty {
        request.populate = populations[index].populate + request.populate
      }
      populations[index] = request
    } else {
      populations.append(request)
    }
  }
}

extension MongoQuery {
  /// Loads the documents that paths refer to: one query per path and model, however many documents.
  ///
  /// ```swift
  /// let sessions = try await Session.find().populate("user", select: "name").exec()
  /// // find sessions {}; find users {_id: {$in: […]}} projection {name: 1}
  /// ```
  public func populate(_ paths: String, select: Value = .undefined) -> Self {
    changed { $0.populate(.string(paths), select: select) }
  }

  /// Loads the documents that a request describes.
  public func populate(_ requests: PopulateRequest...) -> Self {
    changed { plan in for request in requests { plan.add(request) } }
  }

  /// Loads the documents of requests in any of Mongoose's forms.
  @_disfavoredOverload
  public func populate(_ value: Value, select: Value = .undefined) -> Self {
    changed { $0.populate(value, select: select) }
  }
}
