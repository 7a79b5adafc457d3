public import PrivataCore

/// What a rectification did.
public struct RectificationResult: Sendable, Hashable {
  /// The fields that were changed, by name.
  public let fields: [String]
  /// True where something differed from what was there.
  public let isChanged: Bool
  /// The recipients who are told of it: GDPR Article 19.
  public var recipients: [String] = []
}

extension GDPR {
  /// Corrects a person's data in both stores, also where it is restricted.
  ///
  /// ```swift
  /// try await User.gdpr.rightToRectification(id, ["name": "Meyer"])
  /// ```
  ///
  /// - Throws: `notFound`; `unknownField` for a field that the model does not have; `badArgument`
  ///   for the key, or without a field; `subjectFrozen` while the person is being erased.
  /// - Privacy: audited with the names of the fields.
  ///
  /// Source: GDPR Article 16.
  public func rightToRectification(
    _ id: some FieldValue, _ fields: Document
  ) async throws(PrivataError) -> RectificationResult {
    if let there = try await elsewhere(id.value) {
      return try await there.rightToRectification(id, fields)
    }
    let scope = AuditCoding.scope(
      .init(rawValue: "gdpr.rectification"), model: model.name, fields: fields.keys,
      filterFields: [model.key.name])
    try checkCaller(.init(rawValue: "gdpr.rectification"))
    do {
      var result = try await rectify(id.value, fields)
      if result.isChanged {
        result.recipients = try await tellRecipients(of: id.value, .rectification)
      }
      let audit = AuditResult(
        count: 1, records: [core.references.reference(to: id.value, of: model.name)])
      try core.recorder.record(actor, scope: scope, result: audit, isPersonal: true)
      return result
    } catch {
      try core.recorder.record(actor, scope: scope, result: AuditResult(error), isPersonal: true)
      throw error
    }
  }

  private func rectify(
    _ key: Value, _ fields: Document
  ) async throws(PrivataError) -> RectificationResult {
    guard !fields.isEmpty, !fields.contains(model.key.name) else {
      throw PrivataError(
        .badArgument, "a rectification changes fields, and not the key", fields: fields.keys,
        model: model.name)
    }
    for name in fields.keys where model.field(name) == nil {
      throw PrivataError(
        .unknownField, "\(model.name) has no field \(name)", fields: [name], model: model.name)
    }
    let separation = try core.registry.separation(of: model)
    let update = Write.update(
      Update(
        model, where: .compare(model.key.name, .equal, key),
        .operators(["$set": .document(fields)]), layout: .documents))
    let (ticket, fences) = core.fences.enter()
    defer { core.fences.leave(ticket) }
    let session = core.session
    if !fences.isEmpty { try await session.check(update, fences, separation) }
    defer { core.cache?.forget(RecordChange(update)) }
    let outcome = try await session.write(update, separation)
    guard outcome.matched > 0 else {
      throw PrivataError(
        .notFound, "there is no \(model.name) with this \(model.key.name)", model: model.name)
    }
    return RectificationResult(fields: fields.keys, isChanged: outcome.modified > 0)
  }
}
