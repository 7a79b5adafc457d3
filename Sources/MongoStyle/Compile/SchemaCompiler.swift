internal import PrivataCore

/// Works a schema out: expands nested paths, adds `_id`, timestamps and version, resolves
/// subdocuments, arrays and maps.
struct SchemaCompiler {
  /// Where the schema stands: models and subdocuments differ in what is added.
  enum Place { case model, subdocument(hasID: Bool) }

  var identity: SchemaIdentity
  var options: SchemaOptions
  var entries: [SchemaPath.Entry]
  var all: [CompiledPath] = []
  var paths: [String: CompiledPath] = [:]
  var nested: Set<String> = []
  var virtuals: [VirtualPath]
  var aliases: [String: String] = [:]
  var subpaths: [String: CompiledSchema.Target] = [:]
  var singleNested: [String: CompiledSchema.Target] = [:]
  var mapPaths: [CompiledPath] = []
  var children: [CompiledSchema.Child] = []
  var hooks: Hooks
  var mapping: CompiledSchema.Mapping?
  var discriminators: [String: CompiledSchema] = [:]
  var methods: [String: DocumentMethod]
  var statics: [String: ModelMethod]
  var queryHelpers: [String: QueryMethod]
  var indexes: [SchemaIndex]
  var order: [String: Int] = [:]

  private init(_ schema: Schema) {
    identity = schema.identity
    options = schema.options
    entries = schema.entries
    virtuals = schema.virtuals
    hooks = schema.hooks
    methods = schema.methods
    statics = schema.statics
    queryHelpers = schema.queryHelpers
    indexes = schema.indexes
  }

  /// The compiled form of a schema.
  ///
  /// - Throws: `PrivataError` where the schema contradicts itself.
  static func compile(
    _ schema: Schema, place: Place, mapping: CompiledSchema.Mapping? = nil
  ) throws -> CompiledSchema {
    var compiler = SchemaCompiler(schema)
    try compiler.add(schema.entries, under: "")
    try compiler.addBuiltIns(place)
    compiler.mapping = mapping
    if mapping == nil, !schema.discriminators.isEmpty {
      compiler.mapping = CompiledSchema.Mapping(key: schema.options.discriminatorKey, value: nil)
    }
    try compiler.addDiscriminators(schema, place)
    try compiler.addAliases()
    return CompiledSchema(compiler)
  }

  private mutating func add(_ entries: [SchemaPath.Entry], under prefix: String) throws {
    for entry in entries {
      let name = prefix.isEmpty ? entry.name : "\(prefix).\(entry.name)"
      if prefix.isEmpty { order[entry.name] = order[entry.name] ?? order.count }
      if case .nested(let inner) = entry.path.kind {
        for parent in name.parentPaths { nested.insert(parent) }
        try add(inner, under: name)
        continue
      }
      for parent in name.parentPaths.dropLast() { nested.insert(parent) }
      if !name.utf8.contains(0x2E) { order[name] = order[name] ?? order.count }
      try add(SchemaCompiler.compile(entry.path, at: name))
    }
  }

  private mutating func add(_ path: CompiledPath) throws {
    if paths[path.path] != nil { all.removeAll { $0.path == path.path } }
    all.append(path)
    paths[path.path] = path
    switch path.kind {
    case .subdocument(let schema): addSubdocument(path, schema)
    case .documentArray(let schema): addDocumentArray(path, schema)
    case .array(let element): addElements(path.path, element)
    case .map(let value):
      mapPaths.append(path)
      if case .subdocument(let schema) = value.kind {
        children.append(CompiledSchema.Child(path: path.path, schema: schema))
      }
    default: break
    }
  }

  private mutating func addSubdocument(_ path: CompiledPath, _ schema: CompiledSchema) {
    for inner in schema.all { singleNested["\(path.path).\(inner.path)"] = .path(inner) }
    for (name, target) in schema.singleNested { singleNested["\(path.path).\(name)"] = target }
    for (name, target) in schema.subpaths { singleNested["\(path.path).\(name)"] = target }
    for name in schema.nested { singleNested["\(path.path).\(name)"] = .nested }
    children.append(CompiledSchema.Child(path: path.path, schema: schema))
  }

  private mutating func addDocumentArray(_ path: CompiledPath, _ schema: CompiledSchema) {
    for inner in schema.all { subpaths["\(path.path).\(inner.path)"] = .path(inner) }
    for (name, target) in schema.subpaths { subpaths["\(path.path).\(name)"] = target }
    for (name, target) in schema.singleNested { subpaths["\(path.path).\(name)"] = target }
    children.append(CompiledSchema.Child(path: path.path, schema: schema))
  }

  private mutating func addElements(_ name: String, _ element: CompiledPath) {
    var name = name + ".$"
    var current: CompiledPath? = element
    while let path = current {
      subpaths[name] = .path(path)
      if case .documentArray(let schema) = path.kind {
        children.append(CompiledSchema.Child(path: String(name.dropLast(2)), schema: schema))
      }
      current = path.element
      name += ".$"
    }
  }

  /// A path's compiled form; arrays compile their elements, subdocuments their schemas.
  static func compile(_ path: SchemaPath, at name: String) throws -> CompiledPath {
    try CompiledPath(path: name, kind: kind(of: path, at: name), options: path.options)
  }

  private static func kind(of path: SchemaPath, at name: String) throws -> CompiledPath.Kind {
    switch path.kind {
    case .string: return .string
    case .number: return .number
    case .boolean: return .boolean
    case .date: return .date
    case .objectID: return .objectID
    case .buffer: return .buffer
    case .mixed: return .mixed
    case .decimal128: return .decimal128
    case .bigInt: return .bigInt
    case .int32: return .int32
    case .double: return .double
    case .uuid: return .uuid
    case .nested(let entries):
      var schema = Schema(entries)
      schema.options.hasID = false
      return .subdocument(try embedded(schema, path.options))
    case .subdocument(let schema): return .subdocument(try embedded(schema, path.options))
    case .map(let value): return .map(try compile(value, at: name + ".$*"))
    case .array(let element): return try arrayKind(element, path.options, name)
    }
  }

  private static func arrayKind(
    _ element: SchemaPath, _ options: PathOptions, _ name: String
  ) throws -> CompiledPath.Kind {
    switch element.kind {
    case .subdocument(let schema):
      var merged = element.options
      merged.discriminators += options.discriminators
      return .documentArray(try embedded(schema, merged))
    case .nested(let entries):
      return .documentArray(try embedded(Schema(entries), element.options))
    default:
      var inner = element
      if inner.options.ref == nil { inner.options.ref = options.ref }
      if inner.options.refPath == nil { inner.options.refPath = options.refPath }
      if inner.options.allowed == nil, options.allowed != nil {
        inner.options.allowed = options.allowed
      }
      return .array(try compile(inner, at: name))
    }
  }

  private static func embedded(_ schema: Schema, _ options: PathOptions) throws -> CompiledSchema {
    var schema = schema
    schema.discriminators += options.discriminators
    let hasID = options.hasID ?? schema.options.hasID
    return try compile(schema, place: .subdocument(hasID: hasID))
  }
}

// MARK: - What every schema has

extension SchemaCompiler {
  private mutating func addBuiltIns(_ place: Place) throws {
    var hasID = options.hasID
    if case .subdocument(let wanted) = place { hasID = wanted }
    if hasID, paths["_id"] == nil {
      order["_id"] = order.count
      try add(
        CompiledPath(path: "_id", kind: .objectID, options: PathOptions(), isAutoID: true))
    }
    if options.hasIDVirtual, paths["id"] == nil, paths["_id"] != nil,
      !virtuals.contains(where: { $0.name == "id" })
    {
      virtuals.append(
        VirtualPath("id", get: { .string(JavaScript.text($0.rawValue("_id")) ?? "") }))
    }
    if let stamps = options.timestamps { try addTimestamps(stamps) }
    if case .model = place, let key = options.versionKey, path(key) == nil {
      order[key.firstStep] = order[key.firstStep] ?? order.count
      for parent in key.parentPaths.dropLast() { nested.insert(parent) }
      try add(CompiledPath(path: key, kind: .number, options: PathOptions()))
    }
  }

  private func path(_ name: String) -> CompiledPath? { paths[name] }

  private mutating func addTimestamps(_ stamps: Timestamps) throws {
    if let name = stamps.createdAt, paths[name] == nil {
      var made = PathOptions()
      made.immutable = .always
      order[name.firstStep] = order[name.firstStep] ?? order.count
      for parent in name.parentPaths.dropLast() { nested.insert(parent) }
      try add(CompiledPath(path: name, kind: .date, options: made))
    }
    if let name = stamps.updatedAt, paths[name] == nil {
      order[name.firstStep] = order[name.firstStep] ?? order.count
      for parent in name.parentPaths.dropLast() { nested.insert(parent) }
      try add(CompiledPath(path: name, kind: .date, options: PathOptions()))
    }
  }

  private mutating func addAliases() throws {
    for path in all {
      for alias in path.options.aliases {
        let target = path.path
        aliases[alias] = target
        virtuals.append(
          VirtualPath(
            alias, get: { $0.value(target) }, set: { try $1.set(target, $0) }))
      }
    }
  }

  /// Compiles the sub-schemas: what the base has, then their own, and the key with their value.
  private mutating func addDiscriminators(_ base: Schema, _ place: Place) throws {
    guard !base.discriminators.isEmpty else { return }
    let key = base.options.discriminatorKey
    if paths[key] == nil {
      order[key] = order.count
      var keyOptions = PathOptions()
      keyOptions.select = true
      try add(CompiledPath(path: key, kind: .string, options: keyOptions))
    }
    for sub in base.discriminators {
      let value = sub.value ?? .string(sub.name)
      var merged = SchemaCompiler.merge(base, sub.schema)
      var keyOptions = PathOptions()
      keyOptions.defaultValue = .value(value)
      keyOptions.immutable = .always
      keyOptions.select = true
      keyOptions.setters = [
        PathSetter { given, context in
          guard context.document != nil, !given.isNullish, !given.isDeepEqual(to: value) else {
            return given
          }
          throw UsageError(
            "Can't change discriminator key \"\(key)\"", name: "Error", code: .immutableField)
        }
      ]
      merged.add(key, SchemaPath(.string, keyOptions))
      if case .string = value {} else { merged.add(key, SchemaPath(.mixed, keyOptions)) }
      discriminators[sub.name] = try SchemaCompiler.compile(
        merged, place: place, mapping: CompiledSchema.Mapping(key: key, value: value))
    }
  }

  /// The base's paths, hooks and the like under the sub-schema's own.
  static func merge(_ base: Schema, _ sub: Schema) -> Schema {
    var merged = base
    merged.discriminators = sub.discriminators
    merged.entries = mergeEntries(base.entries, sub.entries)
    merged.virtuals += sub.virtuals
    merged.hooks.append(contentsOf: sub.hooks)
    merged.methods.merge(sub.methods) { $1 }
    merged.statics.merge(sub.statics) { $1 }
    merged.queryHelpers.merge(sub.queryHelpers) { $1 }
    merged.indexes = sub.indexes
    merged.options = mergedOptions(base.options, sub.options)
    merged.identity = sub.identity
    return merged
  }

  private static func mergedOptions(
    _ base: SchemaOptions, _ sub: SchemaOptions
  ) -> SchemaOptions {
    var options = base
    if sub.strict != .drop { options.strict = sub.strict }
    if let strictQuery = sub.strictQuery { options.strictQuery = strictQuery }
    if let stamps = sub.timestamps { options.timestamps = stamps }
    if sub.toJSON.transform != nil || sub.toJSON.virtuals != nil { options.toJSON = sub.toJSON }
    if sub.toObject.transform != nil || sub.toObject.virtuals != nil {
      options.toObject = sub.toObject
    }
    return options
  }

  private static func mergeEntries(
    _ base: [SchemaPath.Entry], _ sub: [SchemaPath.Entry]
  ) -> [SchemaPath.Entry] {
    var merged = base
    for entry in sub {
      guard let index = merged.firstIndex(where: { $0.name == entry.name }) else {
        merged.append(entry)
        continue
      }
      if case .nested(let a) = merged[index].path.kind, case .nested(let b) = entry.path.kind {
        merged[index].path.kind = .nested(mergeEntries(a, b))
      } else {
        merged[index] = entry
      }
    }
    return merged
  }
}
