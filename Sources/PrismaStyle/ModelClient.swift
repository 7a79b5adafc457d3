internal import PrivataCore

/// The calls of one model, each taking Prisma's argument object as a dictionary literal.
///
/// ```swift
/// let ada = try await db["User"].findUnique(["where": ["email": "ada@example.org"]])
/// ```
///
/// Every call refuses unknown names, wrong types and contradictions before anything is sent
/// (`ValidationError`), and throws `PrivataError` whose `prisma` holds Prisma's code.
public struct ModelClient: Sendable {
  let client: PrismaClient
  let name: String

  /// The arguments of a call on this model.
  func arguments(
    _ document: Document, _ allowed: Set<String>
  ) throws(PrivataError) -> Arguments {
    try Arguments(document, of: try client.schema.model(name), allowed: allowed)
  }

  static let findWords: Set<String> = [
    "where", "orderBy", "take", "skip", "cursor", "distinct", "select", "include", "omit",
  ]
}
