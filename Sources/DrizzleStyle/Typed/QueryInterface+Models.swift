public import PrivataCore

extension SelectStart {
  /// Names the model whose records are selected.
  public func from<M: Model>(_ model: M.Type) -> ModelSelect<M> { from(M.table) }

  /// Names the table of a model whose records are selected.
  public func from<M: Model>(_ table: ModelTable<M>) -> ModelSelect<M> {
    ModelSelect(table, plan, database)
  }
}

extension QueryInterface {
  /// A select of typed fields: rows are tuples.
  ///
  /// ```swift
  /// let rows = try await db.select(users.id, users.email).from(users).all()   // [(Int64, String)]
  /// ```
  public func select<each F: TypedField>(_ fields: repeat each F) -> FieldStart<repeat each F> {
    var selected: [(String, SelectedField)] = []
    for field in repeat each fields { selected.append(("\(selected.count)", field.selectedField)) }
    var plan = SelectPlan()
    plan.fields = Selection(selected)
    return FieldStart(plan: plan, fields: (repeat each fields), database: readHandle)
  }

  /// Records of a model to add.
  public func insert<M: Model>(_ model: M.Type) -> ModelInsert<M> { ModelInsert(database: handle) }

  /// Records of a model to change.
  public func update<M: Model>(_ model: M.Type) -> ModelUpdate<M> { ModelUpdate(database: handle) }

  /// Records of a model to remove.
  public func delete<M: Model>(_ model: M.Type) -> ModelDelete<M> { ModelDelete(database: handle) }

  /// How many records of a model fulfil a condition.
  public func count<M: Model>(
    _ model: M.Type, where condition: Condition<M>? = nil
  ) async throws(PrivataError) -> Int {
    let table = M.table.table
    if let session = handle.session, session.isUnwatched {
      let query = Query(
        M.schema, where: condition?.filter ?? .all, answer: .count, layout: .cells)
      do throws(PrivataError) {
        return try await session.store.rows(for: query).value(row: 0, column: 0)?.asInt ?? 0
      } catch {
        let counting = counting(table, condition.map { table.sql($0.filter) })
        throw QueryError.wrap(error, try counting.toSQL(session.dialect).text)
      }
    }
    return try await count(table, where: condition.map { table.sql($0.filter) })
  }

  /// Makes the tables of models that are missing, with their indexes.
  public func prepare(_ models: any Model.Type...) async throws(PrivataError) {
    guard let session = handle.session else { return }
    try await session.store.prepare(models.map { $0.schema })
  }
}
