package import PrivataCore
internal import Synchronization

/// The tables that a store knows, and the models bound to them.
package final class SQLCatalog: Sendable {
  package let dialect: SQLDialect
  /// True where tables note the order in which records came.
  package let keepsOrder: Bool
  private let state = Mutex(State())

  private struct State: Sendable {
    var bound: [ModelSchema: BoundModel] = [:]
    var tables: [String: PhysicalTable] = [:]
    var models: [String: ModelSchema] = [:]
  }

  package init(dialect: SQLDialect, keepsOrder: Bool = false) {
    self.dialect = dialect
    self.keepsOrder = keepsOrder
  }

  /// The model bound to its table as it is now.
  ///
  /// - Throws: `unprepared` for an open model whose table has not been looked at; prepare it and
  ///   ask again.
  package func bound(_ model: ModelSchema) throws(PrivataError) -> BoundModel {
    let known = state.withLock { $0.bound[model] }
    if let known, known.isCurrent { return known }
    guard let table = known?.physical ?? (model.isOpen ? nil : PhysicalTable()) else {
      throw PrivataError(.unprepared, "\(model.name) is not prepared", model: model.name)
    }
    let bound = BoundModel(model, dialect: dialect, table: table, keepsOrder: keepsOrder)
    state.withLock { $0.bound[model] = bound }
    return bound
  }

  /// The model of that name among those prepared.
  package func model(named name: String) -> ModelSchema? {
    state.withLock { $0.models[name] }
  }

  /// The model of that collection and namespace among those prepared; of several the one that knows
  /// most fields.
  package func model(ofCollection collection: String, namespace: String?) -> ModelSchema? {
    state.withLock { state in
      state.bound.keys
        .filter { $0.collection == collection && $0.namespace == namespace }
        .max { ($0.fields.count, $0.name) < ($1.fields.count, $1.name) }
    }
  }

  /// The prepared models of documents.
  package var openModels: [ModelSchema] { state.withLock { $0.bound.keys.filter(\.isOpen) } }

  /// The fields that columns of a collection's table hold, for errors that name columns.
  package func fields(_ columns: [String], in collection: String) -> [String] {
    let layouts = state.withLock { state in
      state.bound.values.filter { $0.layout.model.collection == collection }.map(\.layout)
    }
    return columns.map { name in
      layouts.lazy.compactMap { $0.columns.first { $0.name == name }?.field }.first ?? name
    }
    .flatMap { KeyedIndex.fields(ofColumn: $0) ?? [$0] }
  }

  /// Notes a table that was made or found, and binds the model to it.
  package func note(
    _ model: ModelSchema, columns: [LayoutColumn], indexes: [KeyedIndex] = [], mayHoldOdd: Bool
  ) {
    let name = dialect.table(model)
    let table = state.withLock { state in
      let table = state.tables[name] ?? PhysicalTable(columns: columns, indexes: indexes)
      state.tables[name] = table
      return table
    }
    if model.isOpen { table.note(columns: columns, indexes: indexes) }
    if mayHoldOdd { table.noteOdd() }
    let bound = BoundModel(model, dialect: dialect, table: table, keepsOrder: keepsOrder)
    state.withLock { state in
      state.bound[model] = bound
      state.models[model.name] = model
    }
  }

  /// Forgets models whose tables were dropped.
  package func forget(_ models: [ModelSchema]) {
    state.withLock { state in
      for model in models {
        let name = dialect.table(model)
        state.tables[name]?.noteGone()
        state.tables[name] = nil
        state.bound = state.bound.filter { dialect.table($0.key) != name }
        state.models[model.name] = nil
      }
    }
  }
}

extension PrivataError.Code {
  /// An open model whose table the store has not looked at; never reaches a program.
  package static let unprepared = PrivataError.Code("unprepared")
}
