internal import PrivataCore

/// Loads what documents refer to: for each request one query per model, however many documents
/// refer, and nested requests with the query of their level.
struct Populator {
  let model: ModelCore
  var session: MongoSession?
  var readPreference: String?
  var readConcern: String?
  var lean = false

  init(_ model: ModelCore) { self.model = model }

  init(_ plan: QueryPlan) {
    model = plan.model.core
    session = plan.settings.session
    readPreference = plan.settings.readPreference
    readConcern = plan.settings.readConcern
    lean = plan.settings.lean != nil
  }

  func populate(_ documents: [MongoDocument], _ requests: [PopulateRequest]) async throws {
    var holders = Holders.live(documents)
    try await populate(&holders, requests)
  }

  func populate(plain documents: inout [Document], _ requests: [PopulateRequest]) async throws {
    var holders = Holders.plain(documents)
    try await populate(&holders, requests)
    if case .plain(let filled) = holders { documents = filled }
  }

  /// The places of all requests are found before the first is filled: what one request loads is
  /// not there for another of the same call.
  private func populate(_ holders: inout Holders, _ requests: [PopulateRequest]) async throws {
    guard holders.count > 0 else { return }
    var found: [Found] = []
    for request in requests.flatMap(expanded).map(completed) {
      let finder = SeatFinder(model: model, request: request)
      try finder.check()
      if case .plain(let documents) = holders, let direct = DirectPopulation(model, request),
        let keys = direct.keys(of: documents)
      {
        found.append(.direct(direct, keys))
      } else {
        found.append(.seats(request, try finder.seats(in: holders)))
      }
    }
    for one in found {
      switch one {
      case .seats(let request, let seats):
        let loaded = try await load(seats, request)
        SeatFiller(request: request, loaded: loaded).fill(seats, &holders)
      case .direct(let direct, let keys):
        guard case .plain(var documents) = holders else { continue }
        holders = .plain([])
        try await direct.fill(&documents, keys, with: self)
        holders = .plain(documents)
      }
    }
  }

  /// What a request means in the documents at hand.
  private enum Found {
    case seats(PopulateRequest, [Seat])
    case direct(DirectPopulation, [Value])
  }

  /// What a virtual says about its documents, where the request does not.
  private func completed(_ request: PopulateRequest) -> PopulateRequest {
    guard let population = model.schema.virtual(request.path)?.population else { return request }
    var request = request
    request.options.fill(with: population.options)
    return request
  }

  /// A nested path stands for what is to be populated below it.
  private func expanded(_ request: PopulateRequest) -> [PopulateRequest] {
    guard model.schema.nested.contains(request.path) else { return [request] }
    return request.populate.flatMap { inner in
      var below = inner
      below.path = "\(request.path).\(inner.path)"
      return expanded(below)
    }
  }

  private func isLean(_ request: PopulateRequest) -> Bool { request.options.lean ?? lean }

  // MARK: - Queries

  /// The documents of each model, by model.
  private func load(
    _ seats: [Seat], _ request: PopulateRequest
  ) async throws -> [String: Loaded] {
    var loaded: [String: Loaded] = [:]
    var names: [String] = []
    for name in seats.flatMap(\.models).compactMap({ $0 }) where !names.contains(name) {
      names.append(name)
    }
    for name in names {
      let concerned = seats.filter { seat in seat.models.contains(name) }
      if concerned.allSatisfy({ $0.ids.isUndefined }), model.connection.knows(name) == false {
        continue
      }
      let target = try model.connection.core(name)
      loaded[name] = try await load(concerned, name, target, request)
    }
    return loaded
  }

  private func load(
    _ seats: [Seat], _ name: String, _ target: ModelCore, _ request: PopulateRequest
  ) async throws -> Loaded {
    var result = Loaded(model: target)
    let perParent = request.options.perDocumentLimit
    let groups = perParent == nil ? [seats] : seats.map { [$0] }
    // A limit per parent is cut from what one query for all answers.
    let isCut = model.connection.profile.limitsPopulatePerParent && seats.count > 1
    for group in groups {
      let ids = Self.unique(group.flatMap { $0.ids(for: name) })
      guard ids.contains(where: { !$0.isNullish }) else { continue }
      var plan = try self.plan(group, ids, target, request)
      plan.settings.limit =
        perParent
        ?? (isCut ? nil : request.options.limit.map { $0 * Set(group.map(\.parent)).count })
      let documents: [Slot]
      switch try await plan.run() {
      case .documents(let all): documents = all.map { .populated($0) }
      case .plain(let all): documents = all.map { .value(.document($0)) }
      default: documents = []
      }
      if perParent == nil {
        result.shared += documents
      } else if let seat = group.first {
        result.own[seat.key] = documents
      }
    }
    return result
  }

  static func unique(_ ids: [Value]) -> [Value] {
    var seen: Set<Loaded.Key> = []
    seen.reserveCapacity(ids.count)
    return ids.filter { seen.insert(Loaded.Key($0)).inserted }
  }

  /// The query for all ids of one model.
  func plan(
    _ seats: [Seat], _ ids: [Value], _ target: ModelCore, _ request: PopulateRequest
  ) throws -> QueryPlan {
    var plan = QueryPlan(MongoModel(target), .find)
    let foreign = seats.first?.foreignField ?? "_id"
    let isVirtual = seats.first?.isVirtual ?? false
    plan.select(Self.withoutIDExclusion(request.select))
    plan.filter = try filter(seats, ids, foreign, target, request)
    plan.setOptions(request.options.more)
    if let sort = request.options.sort { plan.addSort(sort) }
    if !(seats.first?.count ?? false) { plan.settings.skip = request.options.skip }
    plan.settings.collation = request.options.collation
    plan.settings.session = session
    plan.settings.readPreference = readPreference
    plan.settings.readConcern = readConcern
    plan.settings.lean = isLean(request) ? LeanOptions() : nil
    if isVirtual, Projections.isInclusive(plan.projection),
      !foreign.parentPaths.contains(where: { plan.projection[$0]?.isTruthy ?? false }),
      foreign != "_id"
    {
      plan.select([foreign: 1])
    }
    if seats.first?.count ?? false { plan.select([foreign: 1]) }
    for inner in request.populate {
      var inner = inner
      if target.baseName != nil { inner.strict = false }
      plan.add(inner)
    }
    return plan
  }

  /// `-_id` is taken back after the documents found their places.
  private static func withoutIDExclusion(_ select: Value) -> Value {
    switch select {
    case .string(let text):
      return .string(text.split(separator: " ").filter { $0 != "-_id" }.joined(separator: " "))
    case .array(let items): return .array(items.filter { $0 != "-_id" })
    case .document(var fields):
      if let id = fields["_id"], !id.isTruthy { fields["_id"] = nil }
      return .document(fields)
    default: return select
    }
  }

  private func filter(
    _ seats: [Seat], _ ids: [Value], _ foreign: String, _ target: ModelCore,
    _ request: PopulateRequest
  ) throws -> Document {
    var filter = Self.match(seats)
    var ids = ids
    if request.skipInvalidIDs, let type = target.schema.path(foreign) {
      ids = ids.filter { (try? type.rawCast($0)) != nil }
    }
    var condition: Document = ["$in": .array(ids)]
    if foreign == "_id", let own = filter["_id"] {
      let operators = own.asDocument.flatMap { $0.hasOperators ? $0 : nil } ?? ["$eq": own]
      for element in operators.elements { condition[element.key] = element.value }
    }
    filter[foreign] = .trusted(condition)
    return filter
  }

  /// The match of the request; matches of their own of several documents are joined by `$or`.
  private static func match(_ seats: [Seat]) -> Document {
    let own = seats.filter { $0.hasOwnMatch || !$0.extraMatch.isEmpty }
    guard !own.isEmpty else { return seats.first?.match ?? Document() }
    let all = own.map { seat -> Document in
      var match = seat.match ?? Document()
      for element in seat.extraMatch.elements { match[element.key] = element.value }
      return match
    }
    if all.count == 1 { return all[0] }
    return ["$or": .array(all.map { .document($0) })]
  }
}

extension Seat {
  /// Tells seats apart within one request.
  var key: String {
    switch target {
    case .live(let document, let path): "\(ObjectIdentifier(document)).\(path)"
    case .plain(let index, let steps): "\(index).\(steps.joined(separator: "."))"
    }
  }
}

/// The documents that one model answered.
struct Loaded {
  let model: ModelCore
  /// For all places.
  var shared: [Slot] = []
  /// For places that were asked for one by one.
  var own: [String: [Slot]] = [:]

  init(model: ModelCore) { self.model = model }

  /// What an id is found by: numbers by value, ids and texts by their text.
  enum Key: Hashable {
    case id(ObjectID)
    case number(Double)
    case bytes([UInt8])
    case text(String)

    init(_ value: Value) {
      switch value {
      case .objectID(let id): self = .id(id)
      case .string(let text): self = Self.id(text).map { .id($0) } ?? .text(text)
      case .binary(let binary): self = .bytes(binary.bytes)
      default:
        if let number = value.asDouble {
          self = .number(number)
        } else {
          self = .text(JavaScript.text(value) ?? value.javaScriptTypeName)
        }
      }
    }

    /// The id that a text is the text of.
    private static func id(_ text: String) -> ObjectID? {
      guard text.utf8.count == 24, let id = ObjectID(text), "\(id)" == text else { return nil }
      return id
    }
  }
}

extension MongoConnection {
  func knows(_ name: String) -> Bool { (try? core(name)) != nil }
}
