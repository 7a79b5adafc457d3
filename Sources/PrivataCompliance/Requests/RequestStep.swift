internal import PrivataCore

/// A step of a request, apart from where requests are kept: what it may follow, and what it changes.
enum RequestStep: Sendable {
  case askForIdentity(DateTime)
  case confirmIdentity(DateTime)
  case extend
  case begin
  case awaitThirdParty
  case close(SubjectRequest.State, DateTime)

  /// The states that the step may follow.
  var origins: Set<SubjectRequest.State> {
    switch self {
    case .askForIdentity: [.received]
    case .confirmIdentity: [.received, .verifying]
    case .extend: [.received, .verifying, .verified, .inProgress, .awaitingThirdParty]
    case .begin: [.received, .verified, .awaitingThirdParty]
    case .awaitThirdParty: [.inProgress]
    case .close(.fulfilled, _): [.received, .verified, .inProgress, .awaitingThirdParty]
    case .close: [.received, .verifying, .verified, .inProgress, .awaitingThirdParty]
    }
  }

  /// The step's name, as the audit log has it.
  var name: String {
    switch self {
    case .askForIdentity: "request.verify"
    case .confirmIdentity: "request.verified"
    case .extend: "request.extend"
    case .begin: "request.begin"
    case .awaitThirdParty: "request.await"
    case .close(let state, _): Self.closing[state] ?? "request.close"
    }
  }

  private static let closing: [SubjectRequest.State: String] = [
    .fulfilled: "request.fulfil", .refused: "request.refuse", .withdrawn: "request.withdraw",
    .superseded: "request.supersede",
  ]
}

extension SubjectRequest {
  /// The request after a step.
  ///
  /// - Throws: `badArgument` where the step may not follow its state.
  func after(
    _ step: RequestStep, _ calendar: DeadlineCalendar
  ) throws(PrivataError) -> SubjectRequest {
    guard step.origins.contains(state) else {
      throw PrivataError(.badArgument, "a request that is \(state.rawValue) takes no \(step.name)")
    }
    var request = self
    switch step {
    case .askForIdentity(let moment):
      request.state = .verifying
      request.askedAt = moment
    case .confirmIdentity(let moment):
      if let askedAt {
        request.dueAt.milliseconds += max(moment.milliseconds - askedAt.milliseconds, 0)
      }
      request.askedAt = nil
      request.state = .verified
    case .extend:
      guard !isExtended else {
        throw PrivataError(.badArgument, "a period is extended once", fields: ["notifiedAt"])
      }
      let first = calendar.end(of: 1, monthsAfter: receivedAt)
      let pause = dueAt.milliseconds - first.milliseconds
      request.dueAt = calendar.end(of: 3, monthsAfter: receivedAt)
      request.dueAt.milliseconds += pause
      request.isExtended = true
    case .begin: request.state = .inProgress
    case .awaitThirdParty: request.state = .awaitingThirdParty
    case .close(let state, let moment):
      request.state = state
      request.closedAt = moment
    }
    return request
  }
}
