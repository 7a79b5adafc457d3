import PrivataCore

/// Reads as commands.
extension Command {
  /// `find` for the rows of a query.
  static func find(
    _ query: Query, on target: Target, batchSize: Int?
  ) throws(PrivataError) -> Command {
    var command = try on(target, "find", .read) { (writer) throws(PrivataError) in
      writer.append("filter", .document(target.filter(query.filter)))
      if !query.sort.isEmpty { writer.append("sort", .document(target.sort(query.sort))) }
      if let fields = target.projection(query) { writer.append("projection", .document(fields)) }
      if query.skip != 0 { writer.append("skip", int: query.skip) }
      if let limit = query.limit { writer.append("limit", int: limit) }
      writer.appendBatch(limit: query.limit, size: query.options?.batchSize ?? batchSize)
      if let options = query.options { writer.append(options, hint: true) }
    }
    try command.apply(query.options)
    command.shape = { CommandShape.find(query, target) }
    return command
  }

  /// `find` for whether any record matches.
  static func exists(_ query: Query, on target: Target) throws(PrivataError) -> Command {
    var first = query
    first.projection = .document(["_id": 1])
    first.layout = .documents
    first.limit = 1
    first.sort = []
    return try find(first, on: target, batchSize: nil)
  }

  /// `aggregate` for how many records match, within skip and limit.
  static func count(_ query: Query, on target: Target) throws(PrivataError) -> Command {
    var stages: [Document] = [["$match": .document(target.filter(query.filter))]]
    if query.skip != 0 { stages.append(["$skip": .int(query.skip)]) }
    if let limit = query.limit { stages.append(["$limit": .int(limit)]) }
    stages.append(["$group": ["_id": 1, "n": ["$sum": 1]]])
    return try aggregate(stages, on: target, options: query.options)
  }

  /// `count` by the collection's own figures.
  static func estimatedCount(_ query: Query, on target: Target) throws(PrivataError) -> Command {
    var options = query.options
    options?.more["estimated"] = nil
    var command = try on(target, "count", .read) { (writer) throws(PrivataError) in
      if let options { writer.append(options, hint: true) }
    }
    try command.apply(options)
    command.shape = { "\(target.collection).count()" }
    return command
  }

  /// `distinct` for the values of a path.
  static func distinct(
    _ path: String, _ query: Query, on target: Target
  ) throws(PrivataError) -> Command {
    var command = try on(target, "distinct", .read) { (writer) throws(PrivataError) in
      writer.append("key", string: target.naming.path(path))
      writer.append("query", .document(target.filter(query.filter)))
      if let options = query.options { writer.append(options, hint: true) }
    }
    try command.apply(query.options)
    command.shape = { CommandShape.text("distinct", target, target.filter(query.filter)) }
    return command
  }

  /// `aggregate` over a collection. A pipeline that ends in `$out` or `$merge` writes.
  static func aggregate(
    _ stages: [Document], on target: Target, options: QueryOptions?, batchSize: Int? = nil
  ) throws(PrivataError) -> Command {
    let last = stages.last?.keys.first
    let writes = last == "$out" || last == "$merge"
    var command = try on(target, "aggregate", writes ? .write : .read) {
      (writer) throws(PrivataError) in
      writer.append("pipeline", .array(stages.map { .document($0) }))
      let cursor = writer.beginDocument("cursor")
      if let size = options?.batchSize ?? batchSize, !writes {
        writer.append("batchSize", int: size)
      } else if !writes {
        writer.append("batchSize", int: BSONWriter.wholeBatch)
      }
      writer.end(cursor)
      if let options { writer.append(options, hint: true) }
    }
    try command.apply(options)
    command.shape = { CommandShape.aggregate(stages, target) }
    return command
  }

  private mutating func apply(_ options: QueryOptions?) throws(PrivataError) {
    guard let options else { return }
    readMode = try Self.readMode(options.readPreference)
    readConcern = options.readConcern
  }
}

extension BSONWriter {
  /// A batch as large as the server makes them (16 MiB): fewer round trips than its habit of 101
  /// documents first.
  static var wholeBatch: Int { 1_000_000 }

  /// The size of the first batch. One record closes its cursor by itself.
  fileprivate mutating func appendBatch(limit: Int?, size: Int?) {
    if limit == 1 {
      append("singleBatch", bool: true)
    } else {
      append("batchSize", int: size ?? Self.wholeBatch)
    }
  }

  /// The options that few commands carry.
  mutating func append(_ options: QueryOptions, hint includesHint: Bool) {
    if let collation = options.collation { append("collation", .document(collation)) }
    if includesHint, let hint = options.hint { append("hint", hint) }
    if let comment = options.comment { append("comment", string: comment) }
    if let time = options.maxTimeMilliseconds { append("maxTimeMS", int: time) }
    if let allows = options.allowDiskUse { append("allowDiskUse", bool: allows) }
    for element in options.more { append(element.key, element.value) }
  }
}

// MARK: - Parts of a query

extension Target {
  /// A filter as documents.
  func filter(_ filter: Filter) -> Document {
    if case .document(let document) = filter, naming.isIdentity { return document }
    return FilterDocument(naming: naming).document(filter)
  }

  /// An ordering as MongoDB's sort document.
  func sort(_ keys: [SortKey]) -> Document {
    Document(
      keys.map { key in
        let value: Value =
          key.isTextScore ? ["$meta": "textScore"] : key.isDescending ? -1 : 1
        return Document.Element(key: naming.path(key.path), value: value)
      })
  }

  /// The projection to send; `nil` for all fields.
  func projection(_ query: Query) -> Document? {
    projection(query.projection)
  }

  /// A projection as MongoDB's; `nil` for all fields.
  func projection(_ projection: Projection) -> Document? {
    switch projection {
    case .all: return nil
    case .document(let document): return document.isEmpty ? nil : naming.document(document)
    case .fields(let names):
      var document = Document(
        names.map { Document.Element(key: naming.path($0), value: 1) })
      if document["_id"] == nil { document.append("_id", 0) }
      return document
    }
  }

  /// True where an ordering puts nulls where MongoDB does not.
  func needsComputedOrder(_ keys: [SortKey]) -> Bool {
    keys.contains { $0.nulls == ($0.isDescending ? .first : .last) }
  }

  /// A query whose nulls go elsewhere, as a pipeline: a computed key before each such key.
  func orderedPipeline(_ query: Query) -> [Document] {
    var computed = Document()
    var sort = Document()
    for (index, key) in query.sort.enumerated() {
      let path = naming.path(key.path)
      if key.nulls == (key.isDescending ? .first : .last) {
        let name = "_privata_null\(index)"
        computed[name] = ["$cond": [["$lte": [.string("$" + path), nil]], 1, 0]]
        sort[name] = key.nulls == .last ? 1 : -1
      }
      sort[path] = key.isTextScore ? ["$meta": "textScore"] : key.isDescending ? -1 : 1
    }
    var stages: [Document] = [["$match": .document(filter(query.filter))]]
    stages.append(["$addFields": .document(computed)])
    stages.append(["$sort": .document(sort)])
    if query.skip != 0 { stages.append(["$skip": .int(query.skip)]) }
    if let limit = query.limit { stages.append(["$limit": .int(limit)]) }
    stages.append(["$unset": .array(computed.keys.map { .string($0) })])
    if let fields = projection(query) { stages.append(["$project": .document(fields)]) }
    return stages
  }
}
