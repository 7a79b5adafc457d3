internal import PrivataCore

/// Finds the places that a request means, and which models their ids belong to.
struct SeatFinder {
  let model: ModelCore
  let request: PopulateRequest

  /// - Throws: ``StrictPopulateError``, what a program's `ref` function throws.
  func seats(in holders: Holders) throws -> [Seat] {
    switch holders {
    case .live(let documents):
      return try documents.enumerated().flatMap { index, document in
        try document.locked {
          try live(document, request.path, document.schema, parent: index, record: request.path)
        }
      }
    case .plain(let documents):
      return try documents.enumerated().flatMap { index, document in
        try plain(
          .document(document), request.path.steps[...], [], schema(of: document), index,
          root: document)
      }
    }
  }

  private func schema(of document: Document) -> CompiledSchema {
    model.discriminator(for: document[model.schema.options.discriminatorKey])?.schema
      ?? model.schema
  }

  /// Refuses a path that no schema of the model has.
  func check() throws {
    guard request.isChecked, request.strict != false, model.schema.options.strictPopulate != false
    else { return }
    let schemas = [model.schema] + model.schema.discriminators.values
    guard !schemas.contains(where: { knows($0, request.path) }) else { return }
    throw StrictPopulateError(path: request.path)
  }

  private func knows(_ schema: CompiledSchema, _ path: String) -> Bool {
    if schema.virtual(path)?.population != nil || schema.nested.contains(path) { return true }
    let plain = path.replacing(".$*", with: ".any")
    if schema.path(plain) != nil { return true }
    for parent in path.parentPaths.dropLast() {
      guard let found = schema.path(parent) else { continue }
      if let inner = found.schema {
        let rest = String(path.dropFirst(parent.count + 1))
        return ([inner] + inner.discriminators.values).contains { knows($0, rest) }
      }
      // Below a reference the other model's schema says.
      if found.isReference || found.element?.isReference ?? false { return true }
    }
    return false
  }

  // MARK: - Live documents

  private func live(
    _ document: MongoDocument, _ path: String, _ schema: CompiledSchema, parent: Int,
    record: String
  ) throws -> [Seat] {
    if let virtual = schema.virtual(path), let population = virtual.population {
      return [try virtualSeat(document, path, population, parent, record)].compactMap { $0 }
    }
    if path.hasSuffix(".$*"), case .map(let slots)? = document.storedSlot(String(path.dropLast(3)))
    {
      let base = String(path.dropLast(3))
      return try slots.keys.flatMap {
        try live(document, "\(base).\($0)", schema, parent: parent, record: "\(base).\($0)")
      }
    }
    let steps = path.steps
    for count in 1..<max(1, steps.count) {
      let upper = steps[..<count].joined(separator: ".")
      let rest = steps[count...].joined(separator: ".")
      guard let inner = innerDocuments(document, upper, rest) else { continue }
      return try inner.flatMap { entry in
        try entry.document.locked {
          try live(
            entry.document, entry.rest, entry.document.schema, parent: parent, record: record)
        }
      }
    }
    return try leaf(document, path, schema, parent, record)
  }

  private func innerDocuments(
    _ document: MongoDocument, _ upper: String, _ rest: String
  ) -> [(document: MongoDocument, rest: String)]? {
    switch document.storedSlot(upper) {
    case .subdocument(let inner)?, .populated(let inner)?: return [(inner, rest)]
    case .list(let list)?:
      let documents = list.elements.compactMap(\.document)
      guard !documents.isEmpty else { return list.elements.isEmpty ? [] : nil }
      return documents.map { ($0, rest) }
    default: return nil
    }
  }

  private func leaf(
    _ document: MongoDocument, _ path: String, _ schema: CompiledSchema, _ parent: Int,
    _ record: String
  ) throws -> [Seat] {
    guard let found = schema.path(path) else { return [] }
    if !request.forceRepopulate, document.state.populated[path] != nil { return [] }
    let stored = document.storedSlot(path)
    let ids = stored?.stored ?? .undefined
    guard let names = try modelNames(found, document, path) else { return [] }
    var seat = Seat(
      target: .live(document, path: path), ids: ids, models: names, justOne: !found.isArray,
      parent: parent, recordPath: record)
    seat.justOne = request.justOne ?? seat.justOne
    try setMatch(&seat, request.match, document)
    return [seat]
  }

  /// The models of a reference's ids; `nil` where the path refers to nothing.
  private func modelNames(
    _ found: CompiledPath, _ document: MongoDocument, _ path: String
  ) throws -> [String?]? {
    if let model = request.model { return [model] }
    let type = deepestElement(found)
    switch type.options.ref {
    case .named(let name)?: return [name]
    case .function(let choose)?: return [try choose(document)]
    case nil: break
    }
    switch type.options.refPath {
    case .path(let other)?: return names(at: other, document)
    case .function(let choose)?:
      return names(at: try choose(document, document.fullPath(path)), document)
    case nil: return request.isChecked ? nil : [model.name]
    }
  }

  private func deepestElement(_ found: CompiledPath) -> CompiledPath {
    var found = found
    while let inner = found.element ?? found.mapValue { found = inner }
    return found
  }

  /// The names that a `refPath` holds: relative to the outermost document, with the position of the
  /// subdocument filled in.
  private func names(at path: String, _ document: MongoDocument) -> [String?] {
    let owner = document.ownerDocument
    var path = path
    if owner !== document {
      let own = document.fullPath("")
      let plain = own.steps.filter { !$0.isIndex && !$0.isEmpty }.joined(separator: ".")
      if path.hasPrefix(plain + ".") { path = own + path.dropFirst(plain.count + 1) }
    }
    let value = owner.locked { (try? owner.read(path)) ?? .undefined }
    return Seat.flattened(value).map(\.asString).isEmpty
      ? [nil] : Seat.flattened(value).map(\.asString)
  }

  private func virtualSeat(
    _ document: MongoDocument, _ path: String, _ population: VirtualPopulation, _ parent: Int,
    _ record: String
  ) throws -> Seat? {
    let locals = request.localField.map { [$0] } ?? population.localFields
    guard let local = locals.first, let foreign = population.foreignFields.first else {
      return nil
    }
    let name: String?
    switch population.ref {
    case .named(let named)?: name = named
    case .function(let choose)?: name = try choose(document)
    case nil:
      if case .path(let other)? = population.refPath {
        name = document.value(other).asString
      } else {
        name = nil
      }
    }
    var seat = Seat(
      target: .live(document, path: path), ids: document.storedSlot(local)?.stored ?? .undefined,
      models: [request.model ?? name], isVirtual: true, justOne: population.justOne,
      count: population.count, foreignField: request.foreignField ?? foreign, parent: parent,
      recordPath: record)
    try setMatch(&seat, request.match ?? population.match, document)
    for (mine, theirs) in zip(locals, population.foreignFields).dropFirst() {
      seat.extraMatch[theirs] = document.rawValue(mine)
    }
    return seat
  }

  private func setMatch(
    _ seat: inout Seat, _ match: PopulateMatch?, _ document: MongoDocument
  ) throws {
    switch match {
    case .filter(let filter)?: seat.match = filter
    case .function(let choose)?:
      seat.match = choose(document)
      seat.hasOwnMatch = true
    case nil: break
    }
    if let match = seat.match { try SeatFinder.refuseScript(.document(match)) }
  }

  /// Server-side JavaScript in a populate's match has been a way in for injections.
  private static func refuseScript(_ value: Value) throws {
    switch value {
    case .document(let document):
      if document.contains("$where") {
        throw UsageError("Cannot use $where filter with populate() match")
      }
      for element in document.elements { try refuseScript(element.value) }
    case .array(let items): for item in items { try refuseScript(item) }
    default: break
    }
  }
}
