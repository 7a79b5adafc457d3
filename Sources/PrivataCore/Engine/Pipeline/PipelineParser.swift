/// Compiles stages.
struct PipelineParser: Sendable {
  let collation: Document?
  let textFields: [String]
  let variables: [String]

  var compiler: ExpressionCompiler { ExpressionCompiler(scope: variables) }

  /// The stages of a pipeline.
  func stages(_ documents: [Document], isInner: Bool = false) throws(PrivataError)
    -> [PipelineStage]
  {
    var stages: [PipelineStage] = []
    for document in documents {
      guard let element = document.elements.first, document.count == 1 else {
        throw .rejected(
          40323, "A pipeline stage specification object must contain exactly one field.")
      }
      guard stages.isEmpty || element.key != "$documents" else {
        throw .rejected(40602, "$documents is only valid as the first stage in a pipeline")
      }
      stages += try stage(element.key, element.value)
    }
    return stages
  }

  /// The stages of a value that has to be a list of them.
  func stages(
    _ value: Value, _ code: Int, _ what: String, elementCode: Int = 14
  ) throws(PrivataError) -> [PipelineStage] {
    guard case .array(let values) = value else { throw .rejected(code, "\(what) must be an array") }
    let documents = values.compactMap(\.asDocument)
    guard documents.count == values.count else {
      throw .rejected(elementCode, "Each element of the 'pipeline' array must be an object")
    }
    return try stages(documents)
  }

  private func stage(_ name: String, _ value: Value) throws(PrivataError) -> [PipelineStage] {
    if let transform = try DocumentTransform(stage: name, value, variables: variables) {
      return [.transform(transform)]
    }
    switch name {
    case "$match":
      guard case .document(let filter) = value else {
        throw .rejected(15959, "the match filter must be an expression in an object")
      }
      return [
        .match(
          try PipelineMatch(
            filter, collation: collation, textFields: textFields, variables: variables))
      ]
    case "$sort": return [.sort(try sortKeys(value), collation: collation)]
    case "$limit":
      let count = try count(value, name)
      guard count > 0 else { throw .rejected(15958, "the limit must be positive") }
      return [.limit(count)]
    case "$skip": return [.skip(try count(value, name))]
    case "$sample": return [.sample(try sampleSize(value))]
    case "$count": return [.count(try countName(value))]
    case "$group": return [.group(try GroupStage(value, self))]
    case "$unwind": return [.unwind(try UnwindStage(value))]
    case "$sortByCount": return try sortByCount(value)
    case "$bucket": return [.bucket(try BucketStage(value, self))]
    case "$bucketAuto": return [.bucketAuto(try BucketAutoStage(value, self))]
    case "$facet": return [.facet(try facets(value))]
    case "$lookup": return [.lookup(try LookupStage(value, self))]
    case "$graphLookup": return [.graphLookup(try GraphLookupStage(value, self))]
    case "$unionWith": return [try union(value)]
    case "$redact": return [.redact(try compiler.compile(value))]
    case "$documents": return [.documents(try compiler.compile(value))]
    default:
      guard PipelineStageNames.all.contains(name) else {
        throw .rejected(40324, "Unrecognized pipeline stage name: '\(name)'", as: .unknownOperator)
      }
      throw PrivataError(.unsupported, "\(name) is answered by MongoDB only, not by this store")
    }
  }

  private func sortKeys(_ value: Value) throws(PrivataError) -> [SortKey] {
    guard case .document(let document) = value else {
      throw .rejected(15973, "the $sort key specification must be an object")
    }
    var keys: [SortKey] = []
    for element in document.elements {
      if case .document(let meta) = element.value {
        guard meta["$meta"] == .string("textScore") else {
          throw .rejected(
            meta.contains("$meta") ? 31138 : 17312,
            "$meta is the only expression supported by $sort right now")
        }
        keys.append(SortKey(element.key, isTextScore: true))
        continue
      }
      guard element.value.isNumber else {
        throw .rejected(15974, "Illegal key in $sort specification")
      }
      guard let direction = element.value.exactInteger, direction.magnitude == 1 else {
        throw .rejected(
          15975, "$sort key ordering must be 1 (for ascending) or -1 (for descending)")
      }
      keys.append(SortKey(element.key, descending: direction < 0))
    }
    guard !keys.isEmpty else {
      throw .rejected(15976, "$sort stage must have at least one sort key")
    }
    return keys
  }

  private func count(_ value: Value, _ name: String) throws(PrivataError) -> Int {
    guard let number = value.exactInteger, number >= 0 else {
      let code = name == "$limit" ? 5107201 : 5107200
      throw .rejected(code, "invalid argument to \(name) stage: expected a non-negative number")
    }
    return Int(number)
  }

  private func sampleSize(_ value: Value) throws(PrivataError) -> Int {
    guard case .document(let document) = value else {
      throw .rejected(28745, "the $sample stage specification must be an object")
    }
    for key in document.keys where key != "size" {
      throw .rejected(28748, "unrecognized option to $sample: \(key)")
    }
    guard let size = document["size"] else {
      throw .rejected(28749, "$sample stage must specify a size")
    }
    guard let number = size.truncated else {
      throw .rejected(28746, "size argument to $sample must be a number")
    }
    guard number >= 0 else {
      throw .rejected(28747, "size argument to $sample must not be negative")
    }
    return Int(number)
  }

  private func countName(_ value: Value) throws(PrivataError) -> String {
    guard case .string(let name) = value else {
      throw .rejected(40156, "the count field must be a non-empty string")
    }
    guard !name.isEmpty else {
      throw .rejected(40157, "the count field must be a non-empty string")
    }
    guard !name.hasPrefix("$") else {
      throw .rejected(40158, "the count field cannot be a $-prefixed path")
    }
    guard !name.utf8.contains(0x2E) else {
      throw .rejected(40160, "the count field cannot contain '.'")
    }
    return name
  }

  private func sortByCount(_ value: Value) throws(PrivataError) -> [PipelineStage] {
    switch value {
    case .document(let document):
      guard let first = document.keys.first, first.hasPrefix("$") else {
        throw .rejected(
          40147,
          "the sortByCount field must be defined as a $-prefixed path or an expression inside an object"
        )
      }
    case .string(let text):
      guard text.hasPrefix("$") else {
        throw .rejected(
          40148,
          "the sortByCount field must be defined as a $-prefixed path or an expression inside an object"
        )
      }
    default:
      throw .rejected(40149, "the sortByCount field must be specified as a string or as an object")
    }
    let group = try GroupStage(["_id": value, "count": ["$sum": 1]], self)
    return [.group(group), .sort([SortKey("count", descending: true)], collation: nil)]
  }

  private func facets(_ value: Value) throws(PrivataError) -> [(String, [PipelineStage])] {
    guard case .document(let document) = value, !document.isEmpty else {
      throw .rejected(40169, "the $facet specification must be a non-empty object")
    }
    var facets: [(String, [PipelineStage])] = []
    for element in document.elements {
      guard !element.key.hasPrefix("$"), !element.key.utf8.contains(0x2E) else {
        throw .rejected(
          element.key.hasPrefix("$") ? 16410 : 16412, "a $facet's name is a plain field name")
      }
      for case .document(let stage) in element.value.asArray ?? [] {
        let name = stage.keys.first ?? ""
        guard !["$facet", "$out", "$merge", "$documents", "$geoNear"].contains(name) else {
          throw .rejected(40600, "\(name) is not allowed to be used within a $facet stage")
        }
      }
      facets.append(
        (
          element.key,
          try stages(
            element.value, 40170, "arguments to $facet", elementCode: 40171)
        ))
    }
    return facets
  }

  private func union(_ value: Value) throws(PrivataError) -> PipelineStage {
    switch value {
    case .string(let name): return .union(name, [])
    case .document(let document):
      for key in document.keys where key != "coll" && key != "pipeline" {
        throw .rejected(40415, "BSON field '$unionWith.\(key)' is an unknown field.")
      }
      let inner = PipelineParser(collation: collation, textFields: [], variables: [])
      let stages = try inner.stages(
        document["pipeline"] ?? .array([]), 10065, "the pipeline of $unionWith")
      guard let name = document["coll"]?.asString else {
        guard case .documents? = stages.first else {
          throw .rejected(9, "$unionWith needs a 'coll', or a pipeline that begins with $documents")
        }
        return .union("", stages)
      }
      return .union(name, stages)
    default:
      throw .rejected(9, "the $unionWith stage specification must be an object or string")
    }
  }
}
