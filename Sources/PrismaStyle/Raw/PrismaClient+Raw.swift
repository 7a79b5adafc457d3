public import PrivataCore
internal import PrivataSQL

extension PrismaClient {
  /// The rows that a statement answers, by column name.
  ///
  /// - Throws: P2010 where the database refuses the statement; `ValidationError` on stores without
  ///   SQL and under a vault.
  /// - Privacy: goes past policies, so a vault refuses it; use `findMany` there.
  public func queryRaw(_ sql: RawSQL) async throws(PrivataError) -> [Document] {
    let result = try await run(sql)
    return (0..<result.rows.count).map { row in
      Document(
        result.columns.enumerated().map { column, name in
          .init(key: name, value: result.rows.value(row: row, column: column) ?? .null)
        })
    }
  }

  /// How many rows a statement touched.
  ///
  /// - Throws: as ``queryRaw(_:)``.
  @discardableResult
  public func executeRaw(_ sql: RawSQL) async throws(PrivataError) -> Int {
    try await run(sql).affected
  }

  /// Runs one of the database's own commands: MongoDB.
  ///
  /// ```swift
  /// try await db.runCommand(["ping": 1])  // ["ok": 1]
  /// ```
  ///
  /// - Privacy: goes past policies, so a vault refuses it.
  public func runCommand(_ command: Document) async throws(PrivataError) -> Document {
    guard let store = store as? any CommandStore else {
      throw .refused("\(store.traits.kind) has no commands; use queryRaw or the model's calls")
    }
    return try await translating("") { () async throws(PrivataError) in
      try await store.runCommand(command)
    }
  }

  private func run(_ sql: RawSQL) async throws(PrivataError) -> SQLResult {
    guard let executor = store as? any SQLExecutor else {
      throw .refused("\(store.traits.kind) runs no raw SQL; use the model's calls")
    }
    let statement = try sql.statement(executor.dialect)
    do throws(PrivataError) {
      return try await executor.execute(statement)
    } catch {
      guard error.code == .rejectedByStore || error.code == .badArgument else {
        throw error.asPrisma(model: "")
      }
      var refused = error
      refused.underlying = PrismaError("P2010")
      throw refused
    }
  }
}

extension RawSQL {
  /// The statement with the dialect's placeholders.
  fileprivate func statement(_ dialect: SQLDialect) throws(PrivataError) -> SQLStatement {
    var text = texts.first ?? ""
    var bound: [Value] = []
    for (index, part) in values.enumerated() {
      let values: [Value]
      switch part {
      case .value(let value): values = [value]
      case .list(let list): values = list
      }
      guard !values.isEmpty else { throw .refused("a list in SQL needs at least one value") }
      if isSpliced {
        let marks = values.indices.map { dialect.placeholder(bound.count + $0 + 1) }
        text += marks.joined(separator: ", ") + (index + 1 < texts.count ? texts[index + 1] : "")
      }
      bound += values
    }
    return SQLStatement(sql: text, bound)
  }
}
