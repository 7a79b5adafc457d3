import Foundation
import PrivataCore
import PrivataSQL

@testable import PrivataPostgres

/// The servers that `make services` starts.
enum TestServer {
  static func environment(_ name: String) throws -> String {
    guard let value = ProcessInfo.processInfo.environment[name], !value.isEmpty else {
      throw PrivataError(.badArgument, "\(name) is not set: run make services")
    }
    return value
  }

  static var url: String { get throws { try environment("PRIVATA_POSTGRES_URL") } }

  /// A store with a schema of its own, which is removed afterwards.
  static func withStore<R>(
    _ schema: String, _ change: (inout PostgresOptions) -> Void = { _ in },
    _ body: (PostgresStore) async throws -> R
  ) async throws -> R {
    var options = PostgresOptions(schema: "test_\(schema)_\(UInt32.random(in: 0 ... .max))")
    change(&options)
    let store = try await PostgresStore(url, options: options)
    func clean() async throws {
      let owner = try await PostgresStore(url, options: PostgresOptions(connections: 1))
      _ = try await owner.query("DROP SCHEMA IF EXISTS \"\(options.schema ?? "")\" CASCADE")
      await owner.close()
      await store.close()
    }
    do {
      let result = try await body(store)
      try await clean()
      return result
    } catch {
      try? await clean()
      throw error
    }
  }
}

extension SQLExecutor {
  /// Runs a statement and answers its rows as values.
  @discardableResult
  func query(_ sql: String, _ parameters: Value...) async throws(PrivataError) -> [[Value?]] {
    let rows = try await execute(SQLStatement(sql: sql, parameters)).rows
    return (0..<rows.count).map { row in
      (0..<rows.width).map { rows.value(row: row, column: $0) }
    }
  }
}

/// The error that the body throws; fails where it throws none.
func failure<R>(
  _ body: () async throws(PrivataError) -> R
) async throws -> PrivataError {
  do throws(PrivataError) { _ = try await body() } catch { return error }
  throw PrivataError(.badArgument, "no error was thrown")
}
