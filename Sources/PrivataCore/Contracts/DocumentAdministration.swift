/// A store whose indexes can be listed and changed, described as MongoDB describes them.
public protocol IndexedStore: Store {
  /// The indexes that there are; none where there is no collection.
  ///
  /// ```swift
  /// try await store.indexes(of: user)   // [{v: 2, key: {_id: 1}, name: "_id_"}, …]
  /// ```
  func indexes(of model: ModelSchema) async throws(PrivataError) -> [Document]

  /// The indexes that the model asks for, as ``createIndexes(_:on:)`` takes them.
  func wantedIndexes(of model: ModelSchema) -> [Document]

  /// Creates indexes: `{key: {email: 1}, unique: true}`; those that exist are left alone.
  func createIndexes(_ indexes: [Document], on model: ModelSchema) async throws(PrivataError)

  /// Drops an index by its name; `*` drops all but the primary key's.
  func dropIndex(_ name: String, of model: ModelSchema) async throws(PrivataError)
}

/// A store that says how it would answer a query.
public protocol ExplainingStore: Store {
  /// How the store would answer a query; verbosity `queryPlanner`, `executionStats` or
  /// `allPlansExecution`. In the shape of MongoDB's answers: `queryPlanner` with `winningPlan`, and
  /// for the latter two `executionStats`.
  ///
  /// - Privacy: the plans of MongoDB and Postgres show the values of the query.
  func explain(_ query: Query, verbosity: String) async throws(PrivataError) -> Document
}

/// A store whose collections can be listed and made with MongoDB's options.
public protocol CollectionStore: ExplainingStore {
  /// The collections of the database, as `listCollections` describes them.
  func collections() async throws(PrivataError) -> [Document]

  /// Creates a model's collection with options by MongoDB's names (`capped`, `size`, `collation`,
  /// `validator`, `timeseries` …). Without effect where it exists.
  func createCollection(of model: ModelSchema, options: Document) async throws(PrivataError)
}

/// A store whose server keeps several databases, all over one pool of connections.
public protocol MultiDatabaseStore: Store {
  /// The same server's database of that name; closing either closes both.
  func database(_ name: String) -> any Store
}
