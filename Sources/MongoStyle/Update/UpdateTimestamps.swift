internal import PrivataCore

/// Adds `createdAt` and `updatedAt` to updates, as the schema's timestamps ask.
struct UpdateTimestamps {
  let schema: CompiledSchema
  var choice: TimestampChoice = .on
  var isUpsert = false
  var overwritesImmutable = false
  var now: Value

  init(_ schema: CompiledSchema) {
    self.schema = schema
    now = schema.options.timestamps?.moment() ?? .date(.now)
  }

  /// The update with the timestamps of its own schema and of its subdocuments.
  func apply(to update: Document) -> Document {
    var update = update
    if let stamps = schema.options.timestamps, !choice.isOff {
      setUpdated(stamps, &update)
      setCreated(stamps, &update)
    }
    if case .document(let set)? = update["$set"], set.isEmpty { update["$set"] = nil }
    return ChildTimestamps(now: now).apply(to: update, schema)
  }

  private func setUpdated(_ stamps: Timestamps, _ update: inout Document) {
    guard choice.updatedAt, let path = stamps.updatedAt,
      !(update["$currentDate"]?.asDocument?[path]?.isTruthy ?? false)
    else { return }
    if !setInside(path, &update) {
      var set = update["$set"]?.asDocument ?? Document()
      set[path] = now
      update["$set"] = .document(set)
    }
    update[path] = nil
  }

  /// For a nested path: into the object that the update sets above it.
  private func setInside(_ path: String, _ update: inout Document) -> Bool {
    for parent in path.parentPaths.dropLast().reversed() {
      let rest = String(path.dropFirst(parent.count + 1))
      if case .document(var object)? = update[parent] {
        object[rest] = now
        update[parent] = .document(object)
        return true
      }
      if case .document(var set)? = update["$set"], case .document(var object)? = set[parent] {
        object[rest] = now
        set[parent] = .document(object)
        update["$set"] = .document(set)
        return true
      }
    }
    return false
  }

  private func setCreated(_ stamps: Timestamps, _ update: inout Document) {
    guard choice.createdAt, let path = stamps.createdAt else { return }
    let given =
      update[path] ?? update["$set"]?.asDocument?[path]
      ?? update["$setOnInsert"]?.asDocument?[path]
    if overwritesImmutable, let given, !given.isNullish {
      if let own = update[path] {
        var set = update["$set"]?.asDocument ?? Document()
        set[path] = own
        update["$set"] = .document(set)
        update[path] = nil
      }
      return
    }
    update[path] = nil
    if case .document(var set)? = update["$set"], set.contains(path) {
      set[path] = nil
      update["$set"] = .document(set)
    }
    guard isUpsert, !setInside(path, &update) else { return }
    var inserted = update["$setOnInsert"]?.asDocument ?? Document()
    inserted[path] = now
    update["$setOnInsert"] = .document(inserted)
  }

  /// A replacement gets both where it has none.
  func apply(toReplacement replacement: Document) -> Document {
    guard let stamps = schema.options.timestamps, !choice.isOff else { return replacement }
    var result = replacement
    for (path, isWanted) in [
      (stamps.updatedAt, choice.updatedAt), (stamps.createdAt, choice.createdAt),
    ] {
      guard let path, isWanted, !(result[path]?.isTruthy ?? false) else { continue }
      result[path] = now
    }
    return result
  }

  /// A pipeline gets a stage that sets `updatedAt`.
  func apply(toPipeline stages: [Document]) -> [Document] {
    guard let path = schema.options.timestamps?.updatedAt, choice.updatedAt else { return stages }
    return stages + [["$set": [path: now]]]
  }
}

/// Timestamps of the subdocuments that an update writes.
struct ChildTimestamps {
  let now: Value

  func apply(to update: Document, _ schema: CompiledSchema) -> Document {
    guard hasTimestamps(schema) else { return update }
    var update = update
    for name in ["$push", "$addToSet"] {
      if case .document(let operand)? = update[name] {
        update[name] = .document(pushed(operand, schema))
      }
    }
    for name in ["$set", "$setOnInsert"] {
      if case .document(let operand)? = update[name] {
        update[name] = .document(set(operand, schema))
      }
    }
    let fields = Document(update.elements.filter { !$0.key.isOperator })
    guard !fields.isEmpty else { return update }
    var result = Document(update.elements.filter { $0.key.isOperator })
    for element in set(fields, schema).elements { result[element.key] = element.value }
    return result
  }

  private func hasTimestamps(_ schema: CompiledSchema) -> Bool {
    schema.children.contains {
      $0.schema.options.timestamps != nil || hasTimestamps($0.schema)
    }
  }

  private func pushed(_ operand: Document, _ schema: CompiledSchema) -> Document {
    var result = operand
    for element in operand.elements {
      let name = CompiledSchema.withoutPositions(element.key)
      guard let path = schema.path(name), path.isDocumentArray, let inner = path.schema,
        inner.options.timestamps != nil, case .document(var value) = element.value
      else { continue }
      if case .array(let items)? = value["$each"] {
        value["$each"] = .array(items.map { stamped($0, inner) })
        result[element.key] = .document(value)
      } else {
        result[element.key] = stamped(element.value, inner)
      }
    }
    return result
  }

  /// A whole subdocument with its timestamps.
  private func stamped(_ value: Value, _ schema: CompiledSchema) -> Value {
    guard case .document(var document) = value else { return value }
    if let stamps = schema.options.timestamps {
      if let path = stamps.updatedAt { document[path] = now }
      if let path = stamps.createdAt { document[path] = now }
    }
    return .document(apply(to: document, schema))
  }

  private func set(_ operand: Document, _ schema: CompiledSchema) -> Document {
    var result = operand
    for element in operand.elements { set(element.key, element.value, schema, &result) }
    return result
  }

  private func set(
    _ key: String, _ value: Value, _ schema: CompiledSchema, _ result: inout Document
  ) {
    let name = CompiledSchema.withoutPositions(key)
    guard let path = schema.path(name) else { return }
    if case .array(let items) = value, path.isDocumentArray, let inner = path.schema {
      result[key] = .array(items.map { stamped($0, inner) })
    } else if path.schema != nil, let inner = path.schema, value.asDocument != nil {
      result[key] = stamped(value, inner)
    } else {
      touchParents(key, schema, &result)
    }
  }

  /// A change below a subdocument is a change of the subdocument.
  private func touchParents(_ key: String, _ schema: CompiledSchema, _ result: inout Document) {
    let steps = key.steps
    guard steps.count > 1 else { return }
    for count in 1..<steps.count {
      let written = steps[..<count].joined(separator: ".")
      let name = CompiledSchema.withoutPositions(written)
      guard let parent = schema.path(name), let inner = parent.schema,
        let updated = inner.options.timestamps?.updatedAt
      else { continue }
      if parent.isSubdocument {
        result["\(written).\(updated)"] = now
      } else if parent.isDocumentArray, count < steps.count {
        let position = steps[count]
        guard position.isIndex || position.hasPrefix("$") else { continue }
        result["\(written).\(position).\(updated)"] = now
      }
    }
  }
}
