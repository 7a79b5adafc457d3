internal import PrivataCore

/// Turns a compiled schema into what stores know: top-level fields with types, keys and indexes. The
/// model is open: documents may hold more.
struct Lowering {
  let name: String
  let collection: String

  /// - Throws: `badArgument` where one top-level field would hold both identity and health data.
  func lower(_ schema: CompiledSchema) throws(PrivataError) -> ModelSchema {
    var fields = try self.fields(schema)
    for sub in schema.discriminators.sorted(by: { $0.key < $1.key }) {
      for field in try self.fields(sub.value)
      where !fields.contains(where: { $0.name == field.name }) {
        fields.append(field)
      }
    }
    return ModelSchema(
      name: name, collection: collection, fields: fields, primaryKey: ["_id"],
      indexes: indexes(schema), isOpen: true)
  }

  private func fields(_ schema: CompiledSchema) throws(PrivataError) -> [FieldSchema] {
    var fields: [FieldSchema] = []
    for name in schema.order.sorted(by: { $0.value < $1.value }).map(\.key) {
      let paths = schema.all.filter { $0.path == name || $0.path.hasPrefix(name + ".") }
      guard !paths.isEmpty else { continue }
      fields.append(try field(name, paths))
    }
    // The primary key comes first in every store.
    if let index = fields.firstIndex(where: { $0.name == "_id" }), index > 0 {
      fields.insert(fields.remove(at: index), at: 0)
    }
    return fields
  }

  private func field(
    _ name: String, _ paths: [CompiledPath]
  ) throws(PrivataError) -> FieldSchema {
    let whole = paths.first { $0.path == name }
    var field = FieldSchema(name, whole.map(Self.type) ?? .document)
    field.isOptional = name != "_id"
    field.privacy = try privacy(name, paths)
    field.placement = paths.lazy.compactMap(\.options.placement).first
    if let index = whole?.options.index, index.partialFilter == nil, !index.isSparse,
      index.kind == nil, index.expiresAfterSeconds == nil, index.name == nil
    {
      field.isUnique = index.isUnique
      field.isIndexed = !index.isUnique
    }
    field.encryption = try encryption(name, paths)
    if let ref = whole?.refName { field.reference = Reference(ref) }
    return field
  }

  /// How a top-level field is encrypted: whole, because a store holds it as one ciphertext.
  private func encryption(
    _ name: String, _ paths: [CompiledPath]
  ) throws(PrivataError) -> FieldEncryption? {
    let marked = paths.filter { $0.options.encryption != nil }
    if let own = marked.first(where: { $0.path == name }) { return own.options.encryption }
    guard marked.contains(where: { $0.options.encryption?.index != nil }) else {
      return marked.first?.options.encryption
    }
    throw PrivataError(
      .badArgument,
      "field \"\(name)\" is encrypted whole, so no path inside it can have an index",
      fields: [name], model: self.name)
  }

  /// The class of a top-level field: that of what it holds.
  private func privacy(
    _ name: String, _ paths: [CompiledPath]
  ) throws(PrivataError) -> Privacy {
    let classes = Set(paths.flatMap(Self.classes)).subtracting([.open])
    if classes.count > 1 {
      throw PrivataError(
        .badArgument,
        "field \"\(name)\" holds both .pii and .phi paths; keep them in fields of their own",
        fields: [name], model: self.name)
    }
    return classes.first ?? .open
  }

  private static func classes(_ path: CompiledPath) -> [Privacy] {
    var all = [path.options.privacy]
    if let element = path.element ?? path.mapValue { all += classes(element) }
    if let schema = path.schema { all += schema.all.flatMap(classes) }
    return all
  }

  private static func type(_ path: CompiledPath) -> FieldType {
    switch path.kind {
    case .string: .string
    case .number: .number
    case .boolean: .bool
    case .date: .date
    case .objectID: .objectID
    case .buffer: .binary
    case .mixed: .any
    case .decimal128: .decimal()
    case .bigInt: .int64
    case .int32: .int32
    case .double: .double
    case .uuid: .uuid
    case .subdocument, .element, .map: .document
    case .documentArray: .array(.document)
    case .array(let element): .array(type(element))
    }
  }

  // MARK: - Indexes

  private func indexes(_ schema: CompiledSchema) -> [IndexSchema] {
    var all = schema.indexes.map { Self.index($0, schema) }
    collect(schema, prefix: "", into: &all)
    for sub in schema.discriminators.values {
      for index in sub.indexes {
        var partial = Self.index(index, sub)
        if let key = sub.mapping { partial.partialFilter = [key.key: key.value ?? .null] }
        all.append(partial)
      }
    }
    return all
  }

  private static func index(_ index: SchemaIndex, _ schema: CompiledSchema) -> IndexSchema {
    IndexSchema(
      name: index.name,
      parts: index.fields.elements.map { element in
        IndexSchema.Part(
          schema.aliases[element.key] ?? element.key,
          isDescending: element.value.asInt == -1, kind: element.value.asString)
      },
      isUnique: index.isUnique, isSparse: index.isSparse, partialFilter: index.partialFilter,
      expireAfterSeconds: index.expireAfterSeconds, collation: index.collation)
  }

  /// The paths' own indexes: nested ones, and top-level ones that say more than unique or not.
  private func collect(
    _ schema: CompiledSchema, prefix: String, into all: inout [IndexSchema]
  ) {
    for path in schema.all {
      let name = prefix.isEmpty ? path.path : "\(prefix).\(path.path)"
      if let inner = path.schema { collect(inner, prefix: name, into: &all) }
      guard let index = path.options.index ?? path.element?.options.index else { continue }
      let isPlain =
        index.partialFilter == nil && !index.isSparse && index.kind == nil
        && index.expiresAfterSeconds == nil && index.name == nil
        && path.options.index != nil
      if isPlain, !name.utf8.contains(0x2E) { continue }
      all.append(
        IndexSchema(
          name: index.name,
          parts: [.init(name, isDescending: index.isDescending, kind: index.kind)],
          isUnique: index.isUnique, isSparse: index.isSparse,
          partialFilter: index.partialFilter, expireAfterSeconds: index.expiresAfterSeconds))
    }
  }
}
