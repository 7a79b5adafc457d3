import PrivataCore

/// All suites of a place.
enum Suites {
  static let operations = [
    "findById", "find 10", "find 100", "find 1000", "count", "populate 100", "insert",
    "insertMany 100", "updateOne", "deleteOne",
  ]

  /// The plain styles on stores of their own, filled like the raw one.
  static func all(_ place: Place, users: Int) async throws -> [OperationSuite] {
    let plain = try await place.store("plain").open()
    if let admin = plain as? any AdministrableStore {
      try? await admin.drop([BenchSession.schema, BenchUser.schema])
    }
    try await plain.prepare([BenchUser.schema, BenchSession.schema])
    let prisma = try PrismaOperations(plain)
    try await fill(prisma, users)
    return [
      OperationSuite(
        suite: "style", style: "prisma", store: place.name, raw: place.raw, privata: prisma,
        users: users)
    ]
  }

  private static func fill(_ operations: some StyleOperations, _ users: Int) async throws {
    for start in stride(from: 0, to: users, by: 1000) {
      try await operations.insertMany((start..<min(start + 1000, users)).map(BenchUser.sample))
    }
    for start in stride(from: 0, to: 2 * users, by: 1000) {
      try await operations.insertMany(
        (start..<min(start + 1000, 2 * users)).map(BenchSession.sample))
    }
  }
}
