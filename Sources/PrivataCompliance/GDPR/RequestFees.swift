public import PrivataCore

/// What a request may cost that is repeated too often.
///
/// Source: GDPR Article 12(5).
public struct RequestFee: Sendable, Hashable {
  /// The costs, in the smallest unit of the currency.
  public var amount: Int
  public var currency: String
  /// Why the request is excessive.
  public var reasons: String

  /// A fee with its reasons.
  public init(amount: Int, currency: String, reasons: String) {
    self.amount = amount
    self.currency = currency
    self.reasons = reasons
  }
}

extension RequestRegister {
  /// Asks for a fee for a request that is excessive because it is repeated. The period goes on.
  ///
  /// - Returns: how many requests of the kind the person made in the year before: the evidence.
  /// - Throws: `badArgument` for a first or second request of a year, which is free, and for a fee
  ///   without reasons; `notFound`.
  @discardableResult
  public func quoteFee(_ id: String, _ fee: RequestFee) async throws(PrivataError) -> Int {
    let request = try await request(id)
    let year = request.receivedAt.milliseconds - 365 * 86_400_000
    let former = try await earlier(request).filter { $0.receivedAt.milliseconds >= year }
    guard former.count >= 2, fee.amount > 0, !fee.reasons.isEmpty else {
      throw PrivataError(
        .badArgument,
        "a request is free unless it is repeated too often, which the controller proves",
        fields: ["reasons"])
    }
    let actor = context ?? AccessContext.current ?? .service
    let entry = try await core.registers.append(
      .fee, id,
      [
        "amount": .int(fee.amount), "currency": .string(fee.currency),
        "reasons": .string(fee.reasons),
        "former": .array(former.map { .string($0.id) }),
      ], actor: actor.actor.id, subject: request.subjectMark, after: 0)
    try core.record("request.fee", actor, model: request.model, subjectOf: entry.id)
    return former.count
  }

  private func earlier(_ request: SubjectRequest) async throws(PrivataError) -> [SubjectRequest] {
    let filter = Filter.and([
      .compare("subject", .equal, .string(request.subjectMark)),
      .compare("kind", .equal, .string(request.kind.rawValue)),
    ])
    let rows = try await core.auditStore.rows(
      for: Query(SubjectRequest.schema, where: filter, layout: .cells))
    return (0..<rows.count).compactMap { SubjectRequest(rows, $0) }
      .filter { $0.id != request.id && $0.receivedAt <= request.receivedAt }
  }
}
