internal import PrivataCore

// The same search through plain documents, with the schema walked alongside.

extension SeatFinder {
  func plain(
    _ value: Value, _ steps: ArraySlice<String>, _ done: [String], _ schema: CompiledSchema,
    _ index: Int, root: Document
  ) throws -> [Seat] {
    guard case .document(let document) = value else {
      guard case .array(let items) = value else { return [] }
      return try items.enumerated().flatMap { position, item in
        try plain(item, steps, done + [String(position)], schema, index, root: root)
      }
    }
    let path = steps.joined(separator: ".")
    if let virtual = schema.virtual(path), let population = virtual.population {
      return try virtual_(population, document, path, done, index).map { [$0] } ?? []
    }
    for count in 1..<max(1, steps.count) {
      let upper = steps.prefix(count).joined(separator: ".")
      guard let found = schema.path(upper), let inner = found.schema,
        let below = document.value(at: upper)
      else { continue }
      return try plain(
        below, steps.dropFirst(count), done + steps.prefix(count), inner.resolved(for: below),
        index, root: root)
    }
    if path.hasSuffix(".$*") { return try plainMap(document, path, done, schema, index, root) }
    return try plainLeaf(document, path, done, schema, index, root)
  }

  private func plainMap(
    _ document: Document, _ path: String, _ done: [String], _ schema: CompiledSchema,
    _ index: Int, _ root: Document
  ) throws -> [Seat] {
    let base = String(path.dropLast(3))
    guard case .document(let map)? = document.value(at: base) else { return [] }
    return try map.keys.flatMap {
      try plainLeaf(document, "\(base).\($0)", done, schema, index, root)
    }
  }

  private func plainLeaf(
    _ document: Document, _ path: String, _ done: [String], _ schema: CompiledSchema,
    _ index: Int, _ root: Document
  ) throws -> [Seat] {
    let ids = Self.identifiers(document.value(at: path) ?? .undefined)
    let found = schema.path(path)
    guard found != nil || request.model != nil || !request.isChecked else { return [] }
    guard let names = plainModels(found, path, done, root) else { return [] }
    let isArray = found?.isArray ?? (ids.asArray != nil)
    var seat = Seat(
      target: .plain(index: index, steps: done + path.steps), ids: ids, models: names,
      justOne: request.justOne ?? !isArray, parent: index, recordPath: request.path)
    if case .filter(let filter)? = request.match { seat.match = filter }
    return [seat]
  }

  /// Loaded documents count by their ids.
  static func identifiers(_ value: Value) -> Value {
    switch value {
    case .document(let document): document["_id"] ?? value
    case .array(let items): .array(items.map(identifiers))
    default: value
    }
  }

  private func plainModels(
    _ found: CompiledPath?, _ path: String, _ done: [String], _ root: Document
  ) -> [String?]? {
    if let model = request.model { return [model] }
    var type = found
    while let inner = type?.element ?? type?.mapValue { type = inner }
    if case .named(let name)? = type?.options.ref { return [name] }
    if case .path(let other)? = type?.options.refPath {
      let plain = done.filter { !$0.isIndex }.joined(separator: ".")
      var place = other
      if !plain.isEmpty, other.hasPrefix(plain + ".") {
        place = done.joined(separator: ".") + other.dropFirst(plain.count)
      }
      let names = Seat.flattened(root.value(at: place) ?? .undefined).map(\.asString)
      return names.isEmpty ? [nil] : names
    }
    return request.isChecked ? nil : [model.name]
  }

  private func virtual_(
    _ population: VirtualPopulation, _ document: Document, _ path: String, _ done: [String],
    _ index: Int
  ) throws -> Seat? {
    guard let local = request.localField ?? population.localFields.first,
      let foreign = population.foreignFields.first, case .named(let name)? = population.ref
    else { return nil }
    var seat = Seat(
      target: .plain(index: index, steps: done + path.steps),
      ids: document.value(at: local) ?? .undefined, models: [request.model ?? name],
      isVirtual: true, justOne: population.justOne, count: population.count,
      foreignField: request.foreignField ?? foreign, parent: index, recordPath: request.path)
    if case .filter(let filter)? = request.match ?? population.match { seat.match = filter }
    for (mine, theirs) in zip(population.localFields, population.foreignFields).dropFirst() {
      seat.extraMatch[theirs] = document.value(at: mine) ?? .null
    }
    return seat
  }
}
