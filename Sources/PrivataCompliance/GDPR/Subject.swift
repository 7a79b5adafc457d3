internal import PrivataCore

/// A person as both stores know them, for the time of a request.
struct Subject: Sendable {
  /// The key of the record, as programs use it.
  let key: Value
  /// The pseudonym, where the model carries one.
  let link: String?
  /// The values of fields by which other models refer to the person.
  let targets: [String: Value]

  /// The value by which an edge refers to the person.
  func value(_ edge: SubjectGraph.Edge) -> Value? {
    edge.isClinical ? link.map { .string($0) } : targets[edge.target]
  }
}

extension VaultSession {
  /// The person of a key; `nil` where there is none.
  func subject(
    _ key: Value, _ graph: SubjectGraph
  ) async throws(PrivataError) -> Subject? {
    let model = graph.root.model
    let names = Set(graph.edges.map(\.target)).union([model.key.name])
      .union(graph.root.link.map { [$0] } ?? []).sorted()
    let query = Query(
      model, where: .compare(model.key.name, .equal, key), projection: .fields(names), limit: 1,
      layout: .cells)
    let rows = try await rows(query, graph.root)
    guard rows.count > 0 else { return nil }
    var targets: [String: Value] = [:]
    for (column, name) in names.enumerated() {
      targets[name] = rows.value(row: 0, column: column)
    }
    let link = graph.root.link.flatMap { targets.removeValue(forKey: $0)?.asString }
    return Subject(key: targets[model.key.name] ?? key, link: link, targets: targets)
  }
}
