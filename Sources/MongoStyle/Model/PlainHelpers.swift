public import PrivataCore

// Functions for plain documents: casting, checking and filling in without storing.

extension MongoModel {
  /// A plain document cast to the schema; unknown paths are left out.
  ///
  /// - Throws: ``ValidationError`` with every path that cannot be cast, unless `ignoringCastErrors`
  ///   leaves those out.
  public func castObject(
    _ object: Document, ignoringCastErrors: Bool = false
  ) throws -> Document {
    do { return try ObjectCast(schema, ignoringCastErrors).cast(object) } catch {
      throw outward(error)
    }
  }

  /// Casts a plain document and checks it; nothing is stored.
  ///
  /// - Returns: the document cast.
  /// - Throws: ``ValidationError``.
  @discardableResult
  public func validate(
    _ object: Document, paths: [String]? = nil, pathsToSkip: [String] = []
  ) async throws -> Document {
    do {
      return try await ObjectCheck(schema, paths: paths, skipping: pathsToSkip).check(object)
    } catch { throw outward(error) }
  }

  /// A plain document with the schema's defaults where it has no values.
  public func applyDefaults(to object: Document) throws -> Document {
    do {
      let document = try MongoDocument.hydrate(
        core: core, raw: object, selection: nil, session: nil)
      document.state.skipsID = false
      return document.locked { document.storedForm() }
    } catch { throw outward(error) }
  }

  /// A plain document with the schema's virtuals, all or the named ones.
  public func applyVirtuals(to object: Document, only names: [String]? = nil) throws -> Document {
    do {
      let document = try MongoDocument.hydrate(
        core: core, raw: object, selection: nil, session: nil, appliesDefaults: false)
      var result = object
      for virtual in schema.virtuals where names?.contains(virtual.name) ?? true {
        guard let value = try virtual.getter?(document), !value.isUndefined else { continue }
        result.put(value, at: virtual.name)
      }
      return result
    } catch { throw outward(error) }
  }

  /// A plain document with `createdAt` and `updatedAt`, those of its subdocuments too; an update
  /// gets `updatedAt` alone.
  public func applyTimestamps(to object: Document, isUpdate: Bool = false) -> Document {
    PlainTimestamps(isUpdate: isUpdate).apply(to: object, schema)
  }

  /// Keys that are aliases as the paths that they mean, in filters, updates and documents.
  public func translateAliases(_ fields: Document) -> Document {
    Aliases(schema).translated(fields)
  }
}

private struct PlainTimestamps {
  let isUpdate: Bool

  func apply(to object: Document, _ schema: CompiledSchema) -> Document {
    var result = object
    if let stamps = schema.options.timestamps {
      let now = stamps.moment()
      if let path = stamps.updatedAt { result.put(now, at: path) }
      if !isUpdate, let path = stamps.createdAt, result.value(at: path) == nil {
        result.put(now, at: path)
      }
    }
    for child in schema.children {
      switch result.value(at: child.path) {
      case .document(let inner)?:
        result.put(.document(apply(to: inner, child.schema)), at: child.path)
      case .array(let items)?:
        let changed = items.map { item -> Value in
          guard case .document(let inner) = item else { return item }
          return .document(apply(to: inner, child.schema))
        }
        result.put(.array(changed), at: child.path)
      default: break
      }
    }
    return result
  }
}

/// Casts a plain document path by path.
private struct ObjectCast {
  let schema: CompiledSchema
  let ignoresErrors: Bool

  init(_ schema: CompiledSchema, _ ignoresErrors: Bool) {
    self.schema = schema
    self.ignoresErrors = ignoresErrors
  }

  func cast(_ object: Document) throws -> Document {
    var failures = ValidationError()
    let result = cast(object, "", &failures)
    if !failures.errors.isEmpty, !ignoresErrors { throw failures }
    return result
  }

  private func cast(
    _ object: Document, _ prefix: String, _ failures: inout ValidationError
  ) -> Document {
    var result = Document()
    for element in object.elements {
      let path = prefix.isEmpty ? element.key : "\(prefix).\(element.key)"
      if schema.nested.contains(path), case .document(let inner) = element.value {
        result.append(element.key, .document(cast(inner, path, &failures)))
        continue
      }
      guard let type = schema.path(path) else { continue }
      if element.value.isNullish {
        result.append(element.key, element.value)
        continue
      }
      do { result.append(element.key, try type.castUpdateValue(element.value)) } catch {
        failures.add(ValidatorError.from(error, path: path), at: path)
      }
    }
    return result.withoutUndefined
  }
}

/// Casts and checks a plain document.
private struct ObjectCheck {
  let schema: CompiledSchema
  let paths: [String]?
  let skipped: [String]

  init(_ schema: CompiledSchema, paths: [String]?, skipping skipped: [String]) {
    self.schema = schema
    self.paths = paths
    self.skipped = skipped
  }

  private func isWanted(_ path: String) -> Bool {
    if skipped.contains(where: { path == $0 || path.hasPrefix($0 + ".") }) { return false }
    return paths?.contains { path == $0 || path.hasPrefix($0 + ".") } ?? true
  }

  func check(_ object: Document) async throws -> Document {
    var options = ConstructOptions()
    options.skipsID = true
    options.appliesDefaults = false
    let document = try MongoDocument.construct(
      core: nil, schema: schema, values: .value(.document(object)), options: options)
    var failures = document.errors ?? ValidationError()
    failures.remove { !isWanted($0) }
    for path in schema.all where isWanted(path.path) && !path.isAutoID {
      if failures[path.path] != nil { continue }
      let value = document.locked { document.rawValue(path.path) }
      if value.isUndefined, path.path.utf8.contains(0x2E), isBelowMissing(path, document) {
        continue
      }
      let context = RuleContext(document: document, query: nil, path: path.path)
      if let error = await path.firstError(value, context) { failures.add(error, at: path.path) }
    }
    try await checkSubdocuments(document, &failures)
    if !failures.errors.isEmpty { throw failures }
    return document.locked { document.storedForm() }
  }

  private func isBelowMissing(_ path: CompiledPath, _ document: MongoDocument) -> Bool {
    let parent = path.steps.dropLast().joined(separator: ".")
    return document.locked { document.storedSlot(parent) == nil }
  }

  private func checkSubdocuments(
    _ document: MongoDocument, _ failures: inout ValidationError
  ) async throws {
    for inner in document.locked({ document.allSubdocuments() }) {
      guard let own = inner.ownPath, isWanted(own) else { continue }
      do { try await inner.runValidate(ValidateOptions()) } catch let error as ValidationError {
        for entry in error.errors { failures.add(entry.error, at: "\(own).\(entry.path)") }
      }
    }
  }
}
