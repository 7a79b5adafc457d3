import PrivataCompliance
import PrivataCore
import TestSupport
import Testing

/// How long an answer takes tells nothing about what is there.
@Suite(.serialized) struct RowTimingTests {
  /// 10,000 records that may not be seen against 10,000 that are not there, one after the other.
  @Test func forbiddenTakesAsLongAsAbsent() async throws {
    var policy = FieldPolicy()
    policy.allow(role: "clinician", purpose: "treatment", on: "Patient")
    policy.scope("Patient", role: "clinician", to: .attribute("ward", "ward"))
    let clinic = try await KeyedClinic { [policy] in $0.fieldPolicy = policy }
    let model = clinic.models.patient
    for start in stride(from: 0, to: 10_000, by: 1_000) {
      try await clinic.insert(
        model,
        (start..<(start + 1_000)).map { number in
          ["_id": .string("f\(number)"), "name": "x", "ward": "south", "diagnosis": "d"]
        })
    }
    var details = AccessDetails()
    details.attributes = ["ward": ["north"]]
    let store = clinic.acting("dr-7", "clinician", "treatment", details).store
    func probe(_ id: String) async throws -> Double {
      let query = Query(model, where: .document(["_id": .string(id)]), answer: .exists)
      let start = ContinuousClock.now
      let rows = try await store.rows(for: query)
      let time = ContinuousClock.now - start
      #expect(rows.value(row: 0, column: 0)?.asBool == false)
      return Double(time.components.attoseconds) / 1e9 + Double(time.components.seconds) * 1e9
    }
    var forbidden: [Double] = []
    var absent: [Double] = []
    for number in 0..<10_000 {
      // In turns, so that what else the machine does meets both alike.
      if number.isMultiple(of: 2) {
        forbidden.append(try await probe("f\(number)"))
        absent.append(try await probe("a\(number)"))
      } else {
        absent.append(try await probe("a\(number)"))
        forbidden.append(try await probe("f\(number)"))
      }
    }
    // One class of time: a row that a condition leaves out costs the store what looking at it costs.
    let (seen, missing) = (forbidden.sorted()[5_000], absent.sorted()[5_000])
    #expect((0.7...1.4).contains(seen / missing), "\(seen) ns and \(missing) ns")
    await clinic.vault.close()
  }

  /// The same statements are sent, so that nobody between vault and store can tell either.
  @Test func theSameStatementsAreSent() async throws {
    var policy = FieldPolicy()
    policy.allow(role: "clinician", purpose: "treatment", on: "Patient")
    policy.scope("Patient", role: "clinician", to: .attribute("ward", "ward"))
    let clinic = try await KeyedClinic { [policy] in $0.fieldPolicy = policy }
    var details = AccessDetails()
    details.attributes = ["ward": ["north"]]
    let store = clinic.acting("dr-7", "clinician", "treatment", details).store
    var sent: [[String]] = []
    for id in ["p2", "nobody"] {
      let query = Query(
        clinic.models.patient, where: .document(["_id": .string(id)]), answer: .exists)
      _ = try await store.rows(for: query)
      sent.append(try await SentStatements.during { _ = try await store.rows(for: query) })
    }
    #expect(sent[0] == sent[1] && !sent[0].isEmpty)
    await clinic.vault.close()
  }
}
