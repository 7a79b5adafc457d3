public import PrivataCore
internal import PrivataSQL

extension PostgresStore: TransactionalStore {
  /// Postgres with all that it does here; `place` is host, port and database.
  public var traits: StoreTraits { context.traits }

  /// Makes tables, columns and indexes that are missing, in one transaction.
  ///
  /// - Throws: `newerSchema` where a newer version of the library made the database.
  public func prepare(_ models: [ModelSchema]) async throws(PrivataError) {
    try await session.prepare(models, in: tables)
  }

  /// Answers a query in one round trip.
  public func rows(for query: Query) async throws(PrivataError) -> RowBatch {
    try await session.rows(for: query, in: tables)
  }

  /// Carries out a write, in a transaction where it takes more than one statement.
  public func write(_ write: Write) async throws(PrivataError) -> WriteOutcome {
    do throws(PrivataError) { return try await session.write(write, in: tables) } catch {
      throw error.naming(write.models.first)
    }
  }

  /// Opens a transaction on a connection of its own.
  ///
  /// - Throws: `poolExhausted` where none becomes free in time.
  public func begin(
    _ options: TransactionOptions
  ) async throws(PrivataError) -> any StoreTransaction {
    try await context.transaction(options, tables)
  }
}

extension PostgresTransaction {
  public var traits: StoreTraits { context.traits }

  /// Makes what models need outside of the transaction, so that others see it at once.
  public func prepare(_ models: [ModelSchema]) async throws(PrivataError) {
    try await PostgresSession(context).prepare(models, in: tables)
  }

  /// Answers a query as the transaction sees the records.
  public func rows(for query: Query) async throws(PrivataError) -> RowBatch {
    try await session.rows(for: query, in: tables)
  }

  /// Carries out a write in the transaction.
  public func write(_ write: Write) async throws(PrivataError) -> WriteOutcome {
    do throws(PrivataError) { return try await session.write(write, in: tables) } catch {
      throw error.naming(write.models.first)
    }
  }
}

extension PostgresStore: AdministrableStore {
  /// Removes the tables of models with all that refers to them.
  public func drop(_ models: [ModelSchema]) async throws(PrivataError) {
    _ = try await session.run(OneOrMore(all: SQLDrop.statements(models, dialect: .postgres)))
    tables.catalog.forget(models)
  }

  /// Ends all connections. Open transactions are undone by the server; statements that wait or are
  /// on their way, and all that follow, end with `closed`. Whether a write on its way took effect is
  /// then not known.
  public func close() async { context.pool.close() }
}

extension PostgresContext {
  var traits: StoreTraits {
    var traits = StoreTraits(
      kind: .postgres, place: place, location: "\(place)/\(options.schema ?? "")",
      abilities: [
        .transactions, .nestedTransactions, .foreignKeys, .generatedKeys, .aggregation,
      ])
    traits.transport = transport
    return traits
  }
}

extension PrivataError {
  /// The error with columns named as the model names its fields.
  func naming(_ model: ModelSchema?) -> PrivataError {
    guard let model, self.model == nil else { return self }
    var error = self
    error.model = model.name
    error.fields = fields.map { column in
      model.fields.first { $0.column == column }?.name ?? column
    }
    return error
  }
}
