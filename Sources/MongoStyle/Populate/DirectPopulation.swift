internal import PrivataCore

/// The short way of `populate` for plain documents: one reference or virtual at their top, one
/// model, nothing that depends on the single document. One pass takes the ids out, one query loads,
/// one pass groups what came by the other side's field and puts it in.
struct DirectPopulation {
  private let request: PopulateRequest
  private let target: ModelCore
  private let local: String
  private let foreign: String
  private let isVirtual: Bool
  private let justOne: Bool

  /// `nil` where the request needs places of their own, see ``Seat``.
  init?(_ model: ModelCore, _ request: PopulateRequest) {
    guard Self.isPlain(request), model.schema.mapping == nil,
      !request.path.utf8.contains(0x2E)
    else { return nil }
    self.request = request
    let name: String
    if let population = model.schema.virtual(request.path)?.population {
      guard population.match == nil, !population.count, population.refPath == nil,
        case .named(let ref)? = population.ref, population.localFields.count == 1,
        population.foreignFields.count == 1
      else { return nil }
      (name, isVirtual, justOne) = (ref, true, population.justOne)
      (local, foreign) = (population.localFields[0], population.foreignFields[0])
      guard !local.utf8.contains(0x2E), !foreign.utf8.contains(0x2E) else { return nil }
    } else {
      guard let path = model.schema.paths[request.path], path.isScalar,
        path.options.refPath == nil, case .named(let ref)? = path.options.ref
      else { return nil }
      (name, isVirtual, justOne) = (ref, false, true)
      (local, foreign) = (request.path, "_id")
    }
    guard let target = try? model.connection.core(name), target.schema.mapping == nil else {
      return nil
    }
    self.target = target
  }

  private static func isPlain(_ request: PopulateRequest) -> Bool {
    let options = request.options
    return request.select.isUndefined && request.match == nil && request.model == nil
      && request.justOne == nil && request.transform == nil && !request.clones
      && !request.skipInvalidIDs && !request.retainNullValues && request.localField == nil
      && request.foreignField == nil && request.isChecked && options.sort == nil
      && options.skip == nil && options.limit == nil && options.perDocumentLimit == nil
      && options.lean != false && options.collation == nil && options.more.isEmpty
  }

  /// What each document refers by; `nil` where one of them holds something else than one id.
  func keys(of documents: [Document]) -> [Value]? {
    var keys: [Value] = []
    keys.reserveCapacity(documents.count)
    for document in documents {
      let value = document[local] ?? .undefined
      switch value {
      case .document, .array: return nil
      case .null where isVirtual: return nil
      default: keys.append(value)
      }
    }
    return keys
  }

  /// Loads what the keys refer to and puts it into the documents.
  func fill(
    _ documents: inout [Document], _ keys: [Value], with populator: Populator
  ) async throws {
    let wanted = Populator.unique(keys.filter { !$0.isNullish })
    let loaded = wanted.isEmpty ? [] : try await load(wanted, populator)
    if justOne {
      attach(loaded, to: &documents, keys)
    } else {
      attachLists(loaded, to: &documents, keys)
    }
  }

  private func load(_ ids: [Value], _ populator: Populator) async throws -> [Document] {
    var seat = Seat(
      target: .plain(index: 0, steps: [request.path]), ids: .undefined, models: [target.name],
      justOne: justOne, parent: 0, recordPath: request.path)
    seat.isVirtual = isVirtual
    seat.foreignField = foreign
    return try await populator.plan([seat], ids, target, request).run().asPlain
  }

  private func attach(
    _ loaded: [Document], to documents: inout [Document], _ keys: [Value]
  ) {
    var places: [Loaded.Key: Int] = [:]
    places.reserveCapacity(loaded.count)
    for (index, document) in loaded.enumerated() {
      eachKey(of: document) { if places[$0] == nil { places[$0] = index } }
    }
    let values = keys.map { key -> Value? in
      guard isVirtual || !key.isNullish else { return Value?.none }
      let place = key.isNullish ? nil : places[Loaded.Key(key)]
      return place.map { .document(loaded[$0]) } ?? .null
    }
    Document.set(request.path, of: &documents, to: values)
  }

  private func attachLists(
    _ loaded: [Document], to documents: inout [Document], _ keys: [Value]
  ) {
    let lists = listsByCell(loaded, keys) ?? listsByKey(loaded, keys)
    Document.set(request.path, of: &documents, to: lists.map { .array($0) })
  }

  /// For each key what came for it, compared by the cells of ids; `nil` where there is more than ids.
  private func listsByCell(_ loaded: [Document], _ keys: [Value]) -> [[Value]]? {
    guard let page = Document.page(of: loaded) else { return nil }
    var known = CellKeys(capacity: keys.count)
    var own: [Int] = []
    own.reserveCapacity(keys.count)
    for key in keys {
      guard case .objectID(let id) = key else { return nil }
      own.append(known.add(id))
    }
    var places: [Int] = []
    guard page.appendPlaces(of: foreign, in: known, to: &places) else { return nil }
    var counts = [Int](repeating: 0, count: known.keys.count)
    for place in places where place >= 0 { counts[place] += 1 }
    var lists = counts.map { count in
      var list: [Value] = []
      list.reserveCapacity(count)
      return list
    }
    for (row, place) in places.enumerated() where place >= 0 {
      lists[place].append(.document(page.document(row)))
    }
    return own.map { lists[$0] }
  }

  private func listsByKey(_ loaded: [Document], _ keys: [Value]) -> [[Value]] {
    // One place per key and one list per place, so that a document costs one look-up.
    var places: [Loaded.Key: Int] = [:]
    places.reserveCapacity(keys.count)
    for key in keys where !key.isNullish {
      let key = Loaded.Key(key)
      if places[key] == nil { places[key] = places.count }
    }
    var lists = [[Value]](repeating: [], count: places.count)
    var newest = [Int](repeating: -1, count: places.count)
    for (index, document) in loaded.enumerated() {
      eachKey(of: document) { key in
        // A document whose field holds a key twice is in the list once.
        guard let place = places[key], newest[place] != index else { return }
        lists[place].append(.document(document))
        newest[place] = index
      }
    }
    return keys.map { key in
      let place = key.isNullish ? nil : places[Loaded.Key(key)]
      return place.map { lists[$0] } ?? []
    }
  }

  private func eachKey(of document: Document, _ body: (Loaded.Key) -> Void) {
    switch document[foreign] {
    case .array(let items)?:
      for value in Seat.flattened(SeatFinder.identifiers(.array(items))) { body(Loaded.Key(value)) }
    case .document(let inner)?: body(Loaded.Key(SeatFinder.identifiers(.document(inner))))
    case let value?: body(Loaded.Key(value))
    case nil: break
    }
  }
}
