public import PrivataCore

extension VaultOptions {
  /// What happens where several records are added at once and some are those of persons who were
  /// erased: a file from before the erasure, say.
  public enum ErasedImports: String, Sendable, Hashable {
    /// They are added; nothing is kept by which they could be known.
    case allow
    /// They are added, and the log has their number under `gdpr.import.erased`.
    case report
    /// The whole write is refused with `subjectErased`.
    case reject
  }
}

extension PrivataError.Code {
  /// Records of persons who were erased were to be added again.
  public static let subjectErased = PrivataError.Code("subjectErased")
}

/// Knows persons who were erased when many records come back at once: by keyed marks of their key and
/// of what is unique to them. Who registers again, by themselves, is somebody new.
struct ErasedImports {
  let core: VaultCore
  let separation: Separation

  private var model: ModelSchema { separation.model }

  /// The fields by which a person is known again: the key, and identifying ones that are unique.
  private var fields: [String] {
    let unique = model.fields.enumerated().filter { position, field in
      field.privacy == .pii
        && (model.isUnique(at: position)
          || model.indexes.contains { $0.isUnique && $0.parts.map(\.field) == [field.name] })
    }
    return [model.key.name] + unique.map(\.element.name)
  }

  private func mark(_ field: String, _ value: Value) -> String {
    var bytes: [UInt8] = []
    BSONWriter.append(element: value.lookupKey, to: &bytes)
    return core.registers.seal.mark("erased \(model.name).\(field)", Hexadecimal.text(bytes))
  }

  /// Keeps the marks of a person who is about to be erased.
  func remember(_ subject: Subject) async throws(PrivataError) {
    guard core.options.erasedImports != .allow, let identity = separation.identity else { return }
    let names = fields.filter { identity.field($0) != nil }
    let own = Filter.compare(model.key.name, .equal, subject.key)
    let rows = try await core.identityStore.rows(
      for: Query(identity, where: own, projection: .fields(names), limit: 1, layout: .cells))
    guard rows.count > 0 else { return }
    for (column, name) in names.enumerated() {
      guard let value = rows.value(row: 0, column: column), !value.isNull else { continue }
      try await core.registers.append(
        .erased, mark(name, value), ["model": .string(model.name), "field": .string(name)],
        actor: "erasure")
    }
  }

  /// Looks for erased persons among records that are to be added.
  ///
  /// - Throws: `subjectErased` where the options refuse them.
  func check(_ insert: Insert, _ context: AccessContext) async throws(PrivataError) {
    let count = insert.rows.count
    guard core.options.erasedImports != .allow, count > 1, separation.isPersonal else { return }
    var marks: Set<String> = []
    for name in fields {
      for value in insert.rows.values(of: name) where !value.isNull {
        marks.insert(mark(name, value))
      }
    }
    var found = 0
    let all = marks.sorted()
    for start in stride(from: 0, to: all.count, by: core.options.joinBatch) {
      let part = all[start..<min(start + core.options.joinBatch, all.count)]
      found += try await core.registers.entries(
        .and([
          .compare("register", .equal, .string(RegisterEntry.Register.erased.rawValue)),
          .isIn("name", part.map { .string($0) }),
        ])
      ).lastVersions.count
    }
    guard found > 0 else { return }
    try core.record(
      "gdpr.import.erased", context, model: model.name, result: AuditResult(count: found))
    guard core.options.erasedImports == .reject else { return }
    throw PrivataError(
      .subjectErased, "among the records are some of persons who were erased: leave them out",
      model: model.name)
  }
}

extension Insert.Rows {
  /// How many records there are.
  fileprivate var count: Int {
    switch self {
    case .documents(let documents): documents.count
    case .cells(_, let rows): rows.count
    }
  }

  /// The values of a field.
  fileprivate func values(of field: String) -> [Value] {
    switch self {
    case .documents(let documents): return documents.compactMap { $0[field] }
    case .cells(let fields, let rows):
      guard let column = fields.firstIndex(of: field) else { return [] }
      return (0..<rows.count).compactMap { rows.value(row: $0, column: column) }
    }
  }
}
