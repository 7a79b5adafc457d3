internal import PrivataCore
internal import PrivataSQL

extension SQLiteDatabase {
  /// The plan of a query. A model of documents whose table was not looked at yet is prepared.
  func plan(of query: Query) async throws(PrivataError) -> ReadPlan {
    do throws(PrivataError) {
      return try plans.plan(of: query) { model throws(PrivataError) in try catalog.bound(model) }
    } catch {
      guard error.code == .unprepared else { throw error }
    }
    try await prepare([query.model])
    return try plans.plan(of: query) { model throws(PrivataError) in try catalog.bound(model) }
  }

  /// False for a model of documents whose table was not looked at yet.
  func isPrepared(_ model: ModelSchema) -> Bool {
    do throws(PrivataError) {
      _ = try catalog.bound(model)
      return true
    } catch {
      return false
    }
  }

  /// Prepares the models of a write that were not prepared yet.
  func prepareIfNeeded(_ write: Write) async throws(PrivataError) {
    for model in write.models where !isPrepared(model) { try await prepare([model]) }
  }

  /// Makes what the models need and is missing.
  func prepare(_ models: [ModelSchema]) async throws(PrivataError) {
    guard !models.isEmpty else { return }
    if options.isReadOnly { return try await look(at: models) }
    let machine = try await writer.run(
      Preparation(models: models, catalog: catalog, observer: StatementLog.observer))
    machine.bind()
  }
}

extension Write {
  /// The models concerned, each once.
  var models: Set<ModelSchema> {
    switch self {
    case .insert(let insert): [insert.model]
    case .update(let update): [update.model]
    case .delete(let delete): [delete.model]
    case .bulk(let writes, _): writes.reduce(into: []) { $0.formUnion($1.models) }
    }
  }
}
