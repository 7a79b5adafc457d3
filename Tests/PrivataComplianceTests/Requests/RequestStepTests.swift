import PrivataCore
import TestSupport
import Testing

@testable import PrivataCompliance

/// The steps of requests against a model that was written apart from them.
@Suite struct RequestStepTests {
  /// What may follow what, as the page on requests has it.
  private static let table: [String: [String: String]] = [
    "received": [
      "ask": "verifying", "confirm": "verified", "extend": "received", "begin": "inProgress",
      "fulfil": "fulfilled", "refuse": "refused", "withdraw": "withdrawn",
      "supersede": "superseded",
    ],
    "verifying": [
      "confirm": "verified", "extend": "verifying", "refuse": "refused", "withdraw": "withdrawn",
      "supersede": "superseded",
    ],
    "verified": [
      "extend": "verified", "begin": "inProgress", "fulfil": "fulfilled", "refuse": "refused",
      "withdraw": "withdrawn", "supersede": "superseded",
    ],
    "inProgress": [
      "extend": "inProgress", "await": "awaitingThirdParty", "fulfil": "fulfilled",
      "refuse": "refused", "withdraw": "withdrawn", "supersede": "superseded",
    ],
    "awaitingThirdParty": [
      "extend": "awaitingThirdParty", "begin": "inProgress", "fulfil": "fulfilled",
      "refuse": "refused", "withdraw": "withdrawn", "supersede": "superseded",
    ],
  ]

  private static func step(_ name: String, _ moment: DateTime) -> RequestStep {
    switch name {
    case "ask": .askForIdentity(moment)
    case "confirm": .confirmIdentity(moment)
    case "extend": .extend
    case "begin": .begin
    case "await": .awaitThirdParty
    case "fulfil": .close(.fulfilled, moment)
    case "refuse": .close(.refused, moment)
    case "withdraw": .close(.withdrawn, moment)
    default: .close(.superseded, moment)
    }
  }

  private static let names = [
    "ask", "confirm", "extend", "begin", "await", "fulfil", "refuse", "withdraw", "supersede",
  ]

  /// Ten thousand orders of steps: no state that the table does not lead to, and the end is the month
  /// or the three, with what the questions took.
  @Test func noOrderLeadsAstray() throws {
    var source = SeededSource(7)
    let calendar = DeadlineCalendar(utcOffsetMinutes: 60, holidays: ["2026-12-25"])
    var reached: Set<String> = []
    for order in 0..<10_000 {
      var moment = DateTime(
        milliseconds: 1_760_000_000_000 + Int64.random(in: 0...40_000_000_000, using: &source))
      let received = moment
      var request = SubjectRequest(
        id: "\(order)", kind: .access, model: "Patient", subjectMark: "m", receivedAt: received,
        dueAt: calendar.end(of: 1, monthsAfter: received))
      var state = "received"
      var (pause, isExtended) = (Int64(0), false)
      var asked: DateTime?
      for _ in 0..<Int.random(in: 1...12, using: &source) {
        moment.milliseconds += Int64.random(in: 1...200_000_000, using: &source)
        let name = Self.names.randomElement(using: &source) ?? "begin"
        let next = Self.table[state]?[name]
        let isAllowed = next != nil && !(name == "extend" && isExtended)
        do throws(PrivataError) {
          request = try request.after(Self.step(name, moment), calendar)
          #expect(isAllowed, "\(state) took \(name)")
        } catch {
          #expect(!isAllowed && error.code == .badArgument, "\(state) refused \(name)")
          continue
        }
        state = next ?? state
        if name == "ask" { asked = moment }
        if name == "confirm" {
          pause += asked.map { moment.milliseconds - $0.milliseconds } ?? 0
          asked = nil
        }
        if name == "extend" { isExtended = true }
        let end = calendar.end(of: isExtended ? 3 : 1, monthsAfter: received).milliseconds + pause
        #expect(request.state.rawValue == state && request.dueAt.milliseconds == end)
        #expect(request.isExtended == isExtended)
        #expect(request.state.isClosed == (Self.table[state] == nil))
        reached.insert(state)
      }
    }
    #expect(reached.count == SubjectRequest.State.allCases.count)
  }

  /// The period stands still while the person is asked who they are.
  @Test func theShareOfThePeriod() throws {
    let day: Int64 = 86_400_000
    let received = DateTime(milliseconds: 1_760_000_000_000)
    let at = { (days: Int64) in DateTime(milliseconds: received.milliseconds + days * day) }
    var request = SubjectRequest(
      id: "1", kind: .access, model: "Patient", subjectMark: "m", receivedAt: received,
      dueAt: at(40))
    let steps = [0, 19, 20, 30, 36, 40, 99].map { request.escalation(at: at($0)) }
    #expect(steps == [0, 0, 50, 75, 90, 100, 100])
    request = try request.after(.askForIdentity(at(10)), DeadlineCalendar())
    #expect(request.escalation(at: at(30)) == 0)
    request = try request.after(.confirmIdentity(at(30)), DeadlineCalendar())
    #expect(request.dueAt == at(60) && request.escalation(at: at(30)) == 50)
    request = try request.after(.close(.fulfilled, at(31)), DeadlineCalendar())
    #expect(request.escalation(at: at(99)) == 0)
  }
}
