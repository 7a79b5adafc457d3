public import PrivataCore

/// What every store has to do alike, as named checks that a driver's tests run on a real database.
///
/// ```swift
/// @Test(arguments: StoreConformance.checks)
/// func conforms(_ check: StoreConformance.Check) async throws {
///   try await StoreConformance(SQLiteTests.store()).run(check)
/// }
/// ```
///
/// What a filter finds and what an update leaves is compared with the document engine, which is
/// itself compared with recordings of a MongoDB 6.0 server.
public struct StoreConformance: Sendable {
  private let store: any Store
  private let prefix: String

  /// The suite for a store; its collections are named after the prefix and the check.
  public init(_ store: any Store, prefix: String = "conformance") {
    self.store = store
    self.prefix = prefix
  }

  /// One thing that every store has to do.
  public struct Check: Sendable, CustomStringConvertible {
    /// The check's name, such as `update: operators`.
    public let name: String
    /// Abilities without which the check does not apply.
    public let needs: Set<StoreTraits.Ability>
    let body: @Sendable (ConformanceContext) async throws -> Void

    init(
      _ name: String, needs: Set<StoreTraits.Ability> = [],
      _ body: @escaping @Sendable (ConformanceContext) async throws -> Void
    ) {
      self.name = name
      self.needs = needs
      self.body = body
    }

    public var description: String { name }
  }

  /// All checks.
  public static let checks: [Check] =
    insertChecks + documentChecks + filterChecks + readChecks + updateChecks + writeChecks
    + typedChecks + transactionChecks + streamChecks + aggregateChecks + concurrencyChecks
    + refusalChecks

  /// The checks that apply to a store of these traits.
  public static func checks(for traits: StoreTraits) -> [Check] {
    checks.filter { $0.needs.isSubset(of: traits.abilities) }
  }

  /// Runs one check; one that needs what the store cannot do passes without a trace.
  ///
  /// - Throws: ``ConformanceFailure`` for each difference found, or the store's own error.
  public func run(_ check: Check) async throws {
    guard check.needs.isSubset(of: store.traits.abilities) else { return }
    let letters = check.name.map { $0.isLetter || $0.isNumber ? $0 : "_" }
    let context = ConformanceContext(store: store, name: prefix + "_" + String(letters))
    do {
      try await check.body(context)
    } catch {
      try? await context.dropAll()
      throw error
    }
    try await context.dropAll()
  }

  /// Runs all checks one after another and answers the failures by the check's name.
  public func runAll() async -> [(check: String, failure: any Error)] {
    var failures: [(check: String, failure: any Error)] = []
    for check in Self.checks {
      do { try await run(check) } catch { failures.append((check.name, error)) }
    }
    return failures
  }
}

/// What a store did differently.
public struct ConformanceFailure: Error, CustomStringConvertible {
  /// One line per difference.
  public let differences: [String]

  /// The first differences, one per line, and how many there are.
  public var description: String {
    let shown = differences.prefix(12).joined(separator: "\n")
    let more = differences.count - 12
    return more > 0 ? shown + "\n… and \(more) more" : shown
  }
}
