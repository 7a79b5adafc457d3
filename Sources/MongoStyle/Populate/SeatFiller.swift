internal import PrivataCore

/// Puts loaded documents in their places: by the order of the ids, or the order asked for.
struct SeatFiller {
  let request: PopulateRequest
  let loaded: [String: Loaded]

  /// Where a document stands among those that were loaded.
  private struct Hit {
    var slot: Slot
    var rank: Int
  }

  func fill(_ seats: [Seat], _ holders: inout Holders) {
    var indexes: [String: [Loaded.Key: [Hit]]] = [:]
    var recorded: [String: [Value]] = [:]
    var plain: [Document] = []
    if case .plain(let documents) = holders {
      plain = documents
      holders = .plain([])
    }
    defer { if case .plain = holders { holders = .plain(plain) } }
    for seat in seats {
      guard let result = result(for: seat, &indexes) else { continue }
      assign(result, to: seat, &plain)
      guard case .live = seat.target else { continue }
      recorded["\(seat.parent) \(seat.recordPath)", default: []].append(seat.ids)
    }
    record(seats, recorded, holders)
    dropDeselected()
  }

  // MARK: - What a place gets

  private func result(
    for seat: Seat, _ indexes: inout [String: [Loaded.Key: [Hit]]]
  ) -> Slot? {
    let models = seat.models.compactMap { $0 }
    if models.isEmpty { return seat.isVirtual ? empty(seat) : nil }
    if !seat.isVirtual, seat.ids.isNullish { return nil }
    var found: [String: [Loaded.Key: [Hit]]] = [:]
    for model in Set(models) {
      let name =
        "\(model) \(seat.foreignField) \(loaded[model]?.own.isEmpty ?? true ? "" : seat.key)"
      let known = indexes[name] ?? index(model, seat)
      indexes[name] = known
      found[model] = known
    }
    let hits = { (id: Value, model: String) -> [Hit] in
      (found[model]?[Loaded.Key(id)] ?? []).filter { matches($0.slot, seat) }
    }
    if seat.isVirtual { return virtual(seat, models[0], hits) }
    guard case .array(let items) = seat.ids else {
      return single(seat.ids, hits(seat.ids, models[0]).first, seat)
    }
    return list(items, seat, hits)
  }

  private func empty(_ seat: Seat) -> Slot {
    if seat.count { return .value(0) }
    return seat.justOne ? .value(.null) : .list(List([]))
  }

  /// The documents of a model by what they are found by.
  private func index(_ model: String, _ seat: Seat) -> [Loaded.Key: [Hit]] {
    guard let loaded = loaded[model] else { return [:] }
    var found: [Loaded.Key: [Hit]] = [:]
    for (rank, slot) in (loaded.own[seat.key] ?? loaded.shared).enumerated() {
      for value in Seat.flattened(foreignValue(slot, seat.foreignField)) {
        found[Loaded.Key(value), default: []].append(Hit(slot: slot, rank: rank))
      }
    }
    return found
  }

  private func foreignValue(_ slot: Slot, _ field: String) -> Value {
    switch slot {
    case .populated(let document):
      if let value = document.direct(field) { return value }
      return document.locked { document.storedSlot(field)?.stored ?? .undefined }
    case .value(.document(let document)):
      return SeatFinder.identifiers(document.value(at: field) ?? .undefined)
    default: return .undefined
    }
  }

  /// A match of this document's own is applied after the query for all.
  private func matches(_ slot: Slot, _ seat: Seat) -> Bool {
    guard seat.hasOwnMatch || !seat.extraMatch.isEmpty else { return true }
    var match = seat.match ?? Document()
    for element in seat.extraMatch.elements { match[element.key] = element.value }
    guard case .document(let document) = slot.plain,
      let matcher = try? DocumentMatcher(match, collation: nil)
    else { return true }
    return (try? matcher.matches(document)) ?? false
  }

  private func single(_ id: Value, _ hit: Hit?, _ seat: Seat) -> Slot {
    let shown = shown(hit?.slot, id)
    if !seat.justOne { return .list(List(hit == nil ? [] : [shown])) }
    return shown
  }

  /// The document, or what the transform makes of it.
  private func shown(_ slot: Slot?, _ id: Value) -> Slot {
    if let transform = request.transform {
      return .value(transform(slot?.document, id))
    }
    guard let slot else { return .value(.null) }
    if request.clones, case .populated(let document) = slot, let copy = try? document.copy() {
      return .populated(copy)
    }
    return slot
  }

  private func list(
    _ items: [Value], _ seat: Seat, _ hits: (Value, String) -> [Hit]
  ) -> Slot {
    var found: [(slot: Slot, rank: Int)] = []
    for (position, item) in items.enumerated() {
      if case .array(let inner) = item {
        found.append((list(inner, seat, hits), position))
        continue
      }
      let model = seat.models.count == items.count ? seat.models[position] : seat.models[0]
      let hit = model.flatMap { hits(item, $0).first }
      if hit == nil, !request.retainNullValues, request.transform == nil { continue }
      found.append((shown(hit?.slot, item), hit?.rank ?? Int.max))
    }
    if request.options.sort != nil, items.count > 1 {
      found = Self.sorted(found)
    }
    let slots = found.map(\.slot)
    return .list(List(limited(slots)))
  }

  private static func sorted(
    _ found: [(slot: Slot, rank: Int)]
  ) -> [(slot: Slot, rank: Int)] {
    found.enumerated().sorted { ($0.element.rank, $0.offset) < ($1.element.rank, $1.offset) }
      .map(\.element)
  }

  /// The query's bound is for all documents together; no one gets more than was asked for.
  private func limited(_ slots: [Slot]) -> [Slot] {
    guard let limit = request.options.limit, limit > 0 else { return slots }
    return Array(slots.prefix(limit))
  }

  private func virtual(
    _ seat: Seat, _ model: String, _ hits: (Value, String) -> [Hit]
  ) -> Slot {
    var found: [Hit] = []
    for id in seat.flatIDs { found += hits(id, model) }
    var seen: Set<Int> = []
    found = found.filter { seen.insert($0.rank).inserted }
    if request.options.sort != nil { found.sort { $0.rank < $1.rank } }
    if seat.count { return .value(.int(found.count)) }
    if seat.justOne {
      guard let first = found.first else { return shown(nil, seat.ids) }
      return shown(first.slot, seat.ids)
    }
    return .list(List(limited(found.map { shown($0.slot, seat.ids) })))
  }

  // MARK: - Assigning

  private func assign(_ result: Slot, to seat: Seat, _ documents: inout [Document]) {
    switch seat.target {
    case .live(let document, let path): document.locked { place(result, document, path, seat) }
    case .plain(let index, let steps):
      var value = result.plain
      if excludesID { value = Self.withoutID(value) }
      documents[index] =
        Value.document(documents[index]).setting(value, at: steps[...]).asDocument
        ?? documents[index]
    }
  }

  private static func withoutID(_ value: Value) -> Value {
    switch value {
    case .document(var document):
      document["_id"] = nil
      return .document(document)
    case .array(let items): return .array(items.map(withoutID))
    default: return value
    }
  }

  private func place(_ result: Slot, _ document: MongoDocument, _ path: String, _ seat: Seat) {
    adopt(result, seat.ids, document)
    let model = seat.models.compactMap { $0 }.first.flatMap { loaded[$0]?.model }
    document.state.populated[path] = PopulatedPath(
      ids: seat.ids, model: model, request: request, isVirtual: seat.isVirtual)
    if seat.isVirtual {
      document.state.populatedVirtuals[path] = result
    } else {
      document.storeSlot(path, result)
    }
  }

  private func adopt(_ slot: Slot, _ id: Value, _ parent: MongoDocument) {
    switch slot {
    case .populated(let document):
      // The fields of a loaded document need not be read for this.
      let id = document._id
      document.lock.withLock {
        if document.state.populatedID == nil { document.state.populatedID = id }
        document.state.parent = parent
        if excludesID {
          document.materialize()
          document.state.fields["_id"] = nil
        }
      }
    case .list(let list): for element in list.elements { adopt(element, id, parent) }
    default: break
    }
  }

  private var excludesID: Bool {
    switch request.select {
    case .string(let text): text.split(separator: " ").contains("-_id")
    case .array(let items): items.contains("-_id")
    case .document(let fields): fields["_id"].map { !$0.isTruthy } ?? false
    default: false
    }
  }

  /// The outermost document remembers the ids of paths below subdocuments too.
  private func record(_ seats: [Seat], _ recorded: [String: [Value]], _ holders: Holders) {
    guard case .live(let documents) = holders else { return }
    for seat in seats {
      guard case .live(let document, _) = seat.target,
        documents.indices.contains(seat.parent), documents[seat.parent] !== document,
        let ids = recorded["\(seat.parent) \(seat.recordPath)"]
      else { continue }
      let root = documents[seat.parent]
      root.locked {
        root.state.populated[seat.recordPath] = PopulatedPath(
          ids: .array(ids),
          model: seat.models.compactMap { $0 }.first
            .flatMap { loaded[$0]?.model }, request: request)
      }
    }
  }

  /// A foreign field that was only read for matching is taken back.
  private func dropDeselected() {
    guard case .string(let text) = request.select else { return }
    let dropped = text.split(separator: " ").filter { $0.hasPrefix("-") && $0 != "-_id" }
    guard !dropped.isEmpty else { return }
    for slot in loaded.values.flatMap(\.shared) {
      for name in dropped {
        slot.document.map { document in
          document.locked { document.removeSlot(String(name.dropFirst())) }
        }
      }
    }
  }
}
