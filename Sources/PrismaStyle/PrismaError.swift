public import PrivataCore

/// Prisma's own word for what went wrong, in `PrivataError.underlying`.
///
/// ```swift
/// do { _ = try await db["User"].create(["data": ["email": "taken@example.org"]]) }
/// catch let error as PrivataError where error.prisma?.code == "P2002" { print(error.fields) }
/// ```
///
/// Source: Prisma's error reference. `meta` names models and fields, never what a record holds.
public struct PrismaError: Error, Sendable, Hashable {
  /// `P2002` and so on, or `ValidationError` for a call that was refused before anything was sent.
  public var code: String
  /// What the code concerns: `modelName`, `target`.
  public var meta: Document

  /// An error of a code.
  public init(_ code: String, meta: Document = [:]) {
    self.code = code
    self.meta = meta
  }
}

extension PrivataError {
  /// Prisma's word for the error, where PrismaStyle raised or translated it.
  public var prisma: PrismaError? { underlying as? PrismaError }

  /// A call that is refused before anything is sent.
  static func refused(
    _ message: String, model: String? = nil, fields: [String] = []
  ) -> PrivataError {
    PrivataError(
      .validation, message, fields: fields, model: model,
      underlying: PrismaError("ValidationError"))
  }

  /// P2025: a record that the call depends on does not exist.
  static func recordNotFound(_ model: String) -> PrivataError {
    PrivataError(
      .notFound, "no record of \(model) matches", model: model,
      underlying: PrismaError("P2025", meta: ["modelName": .string(model)]))
  }

  /// P2014: the change would leave a required relation empty.
  static func relationViolated(_ model: String, _ relation: String) -> PrivataError {
    PrivataError(
      .constraint, "the change would leave a record of \(model) without its '\(relation)'",
      fields: [relation], model: model,
      underlying: PrismaError("P2014", meta: ["modelName": .string(model)]))
  }

  /// The same error with Prisma's code, where it has one for it.
  @usableFromInline func asPrisma(model: String) -> PrivataError {
    guard prisma == nil, let code = Self.codes[self.code] else { return self }
    var meta: Document = ["modelName": .string(self.model ?? model)]
    if self.code == .duplicateKey { meta["target"] = .array(fields.map { .string($0) }) }
    var error = self
    error.underlying = PrismaError(code, meta: meta)
    return error
  }

  private static let codes: [Code: String] = [
    .duplicateKey: "P2002", .foreignKey: "P2003", .constraint: "P2004", .missingField: "P2011",
    .notFound: "P2025", .transactionEnded: "P2028", .timeout: "P2028", .poolExhausted: "P2024",
    .writeConflict: "P2034", .authentication: "P1000", .connection: "P1001",
  ]
}

/// Runs the body and gives its errors Prisma's codes.
func translating<R>(
  _ model: String, _ body: () async throws(PrivataError) -> R
) async throws(PrivataError) -> R {
  do { return try await body() } catch { throw error.asPrisma(model: model) }
}
