internal import PrivataCore

extension QueryPlan {
  /// The read as the store takes it.
  func query(limit: Int?) throws -> Query {
    let cast = try castFilter()
    let fields = try sentProjection()
    var query = Query(
      model.core.lowered, where: cast.isEmpty ? .all : .document(cast),
      projection: fields.map { .document($0) } ?? .all, sort: sortKeys,
      skip: settings.skip ?? 0, limit: limit.flatMap { $0 == 0 ? nil : abs($0) },
      options: storeOptions)
    if let limit, limit < 0 {
      var options = query.options ?? QueryOptions()
      options.more["singleBatch"] = true
      query.options = options
    }
    return query
  }

  func runFind() async throws -> QueryAnswer {
    var query = try query(limit: settings.limit)
    query.takesRows = model.connection.takesRows
    if let explain = settings.explain { return try await explained(query, explain) }
    let batch = try await store().rows(for: query)
    return try await documents(batch.documents, query.projection)
  }

  func runFindOne() async throws -> QueryAnswer {
    var query = try query(limit: 1)
    query.takesRows = model.connection.takesRows
    if let explain = settings.explain { return try await explained(query, explain) }
    let batch = try await store().rows(for: query)
    let raw = batch.isEmpty ? nil : batch.document(row: 0)
    return try await document(raw, query.projection)
  }

  func runCount() async throws -> QueryAnswer {
    let cast = try castFilter()
    let query = Query(
      model.core.lowered, where: cast.isEmpty ? .all : .document(cast),
      skip: settings.skip ?? 0, limit: settings.limit.flatMap { $0 == 0 ? nil : abs($0) },
      answer: .count, layout: .cells, options: storeOptions)
    return try await count(query)
  }

  func runEstimatedCount() async throws -> QueryAnswer {
    if let problem { throw problem }
    var options = storeOptions ?? QueryOptions()
    options.more["estimated"] = true
    return try await count(
      Query(model.core.lowered, answer: .count, layout: .cells, options: options))
  }

  private func count(_ query: Query) async throws -> QueryAnswer {
    let batch = try await store().rows(for: query)
    return .count(batch.isEmpty ? 0 : batch.value(row: 0, column: 0)?.asInt ?? 0)
  }

  func runDistinct() async throws -> QueryAnswer {
    let cast = try castFilter()
    let path = distinctPath ?? ""
    let query = Query(
      model.core.lowered, where: cast.isEmpty ? .all : .document(cast),
      answer: .distinct(translatesAliases ? schema.aliases[path] ?? path : path),
      layout: .cells, options: storeOptions)
    let batch = try await store().rows(for: query)
    return .values((0..<batch.count).map { batch.value(row: $0, column: 0) ?? .null })
  }

  /// The store's plan; a vault's two stores have none in common.
  private func explained(_ query: Query, _ verbosity: Value) async throws -> QueryAnswer {
    guard let store = try await store() as? any ExplainingStore else {
      throw PrivataError(
        .unsupported, "only a connection straight to a database explains its plans",
        model: model.name)
    }
    let name = verbosity.asString ?? (verbosity.isTruthy ? "allPlansExecution" : "queryPlanner")
    return .value(.document(try await store.explain(query, verbosity: name)))
  }

  // MARK: - Documents

  /// The answer of a find: plain or hydrated, populated.
  func documents(_ raws: [Document], _ projection: Projection) async throws -> QueryAnswer {
    if let lean = settings.lean {
      var plain = raws
      if !populations.isEmpty {
        try await Populator(self).populate(plain: &plain, populations)
      }
      return .plain(try LeanForm(lean, model).shaped(plain))
    }
    let kept = Document.page(of: raws).map { page in page.kept { schema.reads.tags(of: $0) } }
    let source = source(selection(projection), kept)
    let made = try raws.map { try hydrate($0, source) }
    if !populations.isEmpty { try await Populator(self).populate(made, populations) }
    return .documents(made)
  }

  /// The answer of a query for one document.
  func document(_ raw: Document?, _ projection: Projection) async throws -> QueryAnswer {
    guard let raw else { return settings.lean == nil ? .document(nil) : .plainDocument(nil) }
    switch try await documents([raw], projection) {
    case .plain(let all): return .plainDocument(all.first)
    case .documents(let all): return .document(all.first)
    default: return .document(nil)
    }
  }

  private func selection(_ projection: Projection) -> Selection? {
    if case .document(let fields) = projection { Selection(fields) } else { nil }
  }

  /// How documents of this query were read, one for all of them.
  func source(_ selection: Selection?, _ kept: KeptCells? = nil) -> MongoDocument.Source {
    MongoDocument.Source(
      selection: selection, session: settings.session,
      appliesDefaults: settings.appliesDefaults ?? true, kept: kept)
  }

  /// A stored document as one of this model, or of the sub-model that its key names.
  func hydrate(_ raw: Document, _ source: MongoDocument.Source) throws -> MongoDocument {
    var core = model.core
    var chosen = source
    if let mapping = schema.mapping, mapping.isRoot,
      let sub = core.discriminator(for: raw[mapping.key])
    {
      core = sub
      var fields = wishes
      SelectedPaths.apply(to: &fields, sub.schema)
      chosen = self.source(Selection(fields))
    }
    return try MongoDocument.hydrate(core: core, raw: raw, source: chosen)
  }
}

/// Shapes plain documents as `lean` asks.
struct LeanForm {
  let options: LeanOptions
  let model: MongoModel

  init(_ options: LeanOptions, _ model: MongoModel) {
    self.options = options
    self.model = model
  }

  private var schema: CompiledSchema { model.schema }

  func shaped(_ documents: [Document]) throws -> [Document] {
    let hidesVersion = !options.versionKey && schema.options.versionKey != nil
    let isShown = options.virtuals != .none || options.getters
    guard hidesVersion || options.transform != nil || options.defaults || isShown else {
      return documents
    }
    return try documents.map { document in
      var document = document
      if hidesVersion, let key = schema.options.versionKey { document[key] = nil }
      if options.defaults { fill(&document) }
      if isShown { document = try shown(document) }
      if let transform = options.transform { apply(transform, &document, schema) }
      return document
    }
  }

  /// Getters and virtuals, computed by the document's sub-model where it has one.
  private func shown(_ document: Document) throws -> Document {
    let key = schema.options.discriminatorKey
    let own = model.core.discriminator(for: document[key]).map(MongoModel.init) ?? model
    let names: [String]? =
      switch options.virtuals {
      case .none: []
      case .all: [String]?.none
      case .only(let names): names
      case .except(let names): own.schema.virtuals.map(\.name).filter { !names.contains($0) }
      }
    var result = names == [] ? document : try own.applyVirtuals(to: document, only: names)
    guard options.getters, own.schema.hasGetters else { return result }
    for path in own.schema.all where !path.getters.isEmpty {
      guard let value = document.value(at: path.path) else { continue }
      result.put(try path.applyGetters(value, document: nil), at: path.path)
    }
    return result
  }

  private func fill(_ document: inout Document) {
    for path in schema.all where path.steps.count == 1 && document[path.path] == nil {
      if case .value(let value)? = path.defaultRule { document[path.path] = value }
    }
  }

  private func apply(
    _ transform: (inout Document) -> Void, _ document: inout Document, _ schema: CompiledSchema
  ) {
    transform(&document)
    for child in schema.children {
      switch document.value(at: child.path) {
      case .document(var inner)?:
        apply(transform, &inner, child.schema)
        document.put(.document(inner), at: child.path)
      case .array(let items)?:
        let changed = items.map { item -> Value in
          guard case .document(var inner) = item else { return item }
          apply(transform, &inner, child.schema)
          return .document(inner)
        }
        document.put(.array(changed), at: child.path)
      default: break
      }
    }
  }
}

/// Writes alias names as the paths that they mean.
struct Aliases {
  let schema: CompiledSchema
  init(_ schema: CompiledSchema) { self.schema = schema }

  func translated(_ document: Document) -> Document {
    var result = Document()
    for element in document.elements {
      let key = translated(element.key)
      var value = element.value
      if element.key.isOperator {
        switch value {
        case .document(let inner): value = .document(translated(inner))
        case .array(let items):
          value = .array(
            items.map { item in
              if case .document(let inner) = item { .document(translated(inner)) } else { item }
            })
        default: break
        }
      }
      result[key] = value
    }
    return result
  }

  /// A name with the alias in its longest leading part resolved; `+` and `-` stay in front.
  func translated(_ name: String) -> String {
    if let first = name.first, first == "+" || first == "-" {
      return String(first) + translated(String(name.dropFirst()))
    }
    for parent in name.parentPaths.reversed() {
      if let target = schema.aliases[parent] { return target + name.dropFirst(parent.count) }
    }
    return name
  }
}
