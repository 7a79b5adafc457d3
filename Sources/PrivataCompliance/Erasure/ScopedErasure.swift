internal import PrivataCore

/// Erases a part of what is kept about a person, where the ground reaches no further: fields become
/// empty, records go. The person stays.
///
/// Source: GDPR Article 17(1)(b) to (d).
struct ScopedErasure {
  let core: VaultCore
  let graph: SubjectGraph
  let plan: ErasurePlan

  /// Refuses what cannot be erased alone.
  ///
  /// - Throws: `unknownModel`, `unknownField`; `badArgument` for a field that a record must have, or a
  ///   scope that takes all of the person.
  static func check(
    _ scopes: [DataScope], _ graph: SubjectGraph, _ registry: SeparationRegistry
  ) throws(PrivataError) {
    guard !scopes.isEmpty else {
      throw PrivataError(.badArgument, "an erasure of a part names the part", fields: ["scope"])
    }
    for scope in scopes {
      try scope.check(registry)
      guard let model = registry.model(scope.model) else { continue }
      guard scope.fields != nil || model.name != graph.root.model.name else {
        throw PrivataError(
          .badArgument,
          "a scope over whole records of \(model.name) is the person: leave the scope out",
          fields: ["scope"], model: model.name)
      }
      for name in scope.fields ?? [] where model.field(name)?.isOptional == false {
        throw PrivataError(
          .badArgument, "\(model.name).\(name) cannot be empty: name whole records, or the person",
          fields: [name], model: model.name)
      }
    }
  }

  /// Erases, and answers how many records of each model.
  func run() async throws(PrivataError) -> ErasureSteps.Counts {
    var counts: ErasureSteps.Counts = []
    for scope in plan.scope ?? [] {
      for (separation, filter) in graph.places(of: scope, plan.subject) {
        let write: Write
        if let fields = scope.fields {
          let nulls = Document(fields.map { .init(key: $0, value: .null) })
          write = .update(
            Update(
              separation.model, where: filter, .operators(["$set": .document(nulls)]),
              isMany: true, layout: .documents))
        } else {
          write = .delete(Delete(separation.model, where: filter))
        }
        let outcome = try await core.session.write(write, separation)
        counts.append((separation.model.name, outcome.matched + outcome.deleted))
      }
    }
    return counts
  }

  /// The parts in which something is left.
  func remaining() async throws(PrivataError) -> [String] {
    var found: [String] = []
    for scope in plan.scope ?? [] {
      for (separation, filter) in graph.places(of: scope, plan.subject) {
        let left = Filter.or((scope.fields ?? []).map { .isNotNull($0) })
        let query = Query(
          separation.model, where: scope.fields == nil ? filter : filter.and(left),
          answer: .exists)
        let answer = try await core.session.rows(query, separation)
        if answer.value(row: 0, column: 0)?.asBool == true { found.append(separation.model.name) }
      }
    }
    return found
  }
}
