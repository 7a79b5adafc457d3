public import PrivataCore
internal import PrivataSQL

extension SQLiteStore: IndexedStore, ExplainingStore {
  /// The indexes of a model's table, as MongoDB would describe them.
  public func indexes(of model: ModelSchema) async throws(PrivataError) -> [Document] {
    try await IndexKeeping(self, database.catalog).indexes(of: model)
  }

  /// The indexes that the model asks for and a table keeps: none of texts or places.
  public func wantedIndexes(of model: ModelSchema) -> [Document] {
    IndexListing.wanted(of: model, .sqlite)
  }

  /// Creates indexes; those that exist are left alone.
  public func createIndexes(
    _ indexes: [Document], on model: ModelSchema
  ) async throws(PrivataError) {
    try await prepare([try model.adding(indexes)])
  }

  /// Drops an index by its name; `*` drops all but the primary key's.
  public func dropIndex(_ name: String, of model: ModelSchema) async throws(PrivataError) {
    try await IndexKeeping(self, database.catalog).drop(name, of: model)
  }

  /// SQLite's own plan of a query's statement.
  public func explain(_ query: Query, verbosity: String) async throws(PrivataError) -> Document {
    let plan = try await database.plan(of: query)
    let explanation = QueryExplanation(plan, query, .sqlite, verbosity: verbosity)
    let rows = try await execute(explanation.statement).rows
    let returned = explanation.isRun ? try await self.rows(for: query).count : nil
    return explanation.document(rows, returned: returned)
  }
}
