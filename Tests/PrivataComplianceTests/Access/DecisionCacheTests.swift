import PrivataCore
import Synchronization
import TestSupport
import Testing

@testable import PrivataCompliance

/// Decisions that are kept are those that would be taken, whatever changes meanwhile: after what
/// authorization systems have published about their caches.
@Suite struct DecisionCacheTests {
  private static let roles = ["clinician", "billing", "reception", "", "clin", "ician"]
  private static let purposes = [
    "treatment", "payment", "research", "emergency", "", "cianbilling",
  ]
  private static let fields = ["name", "email", "phone", "diagnosis", "weight"]

  private struct Request: Hashable {
    let role: String
    let purpose: String
    let model: String
  }

  private static func policy(_ version: Int, _ source: inout SeededSource) -> FieldPolicy {
    var policy = FieldPolicy()
    policy.version = version
    policy.restrictsEveryModel = source.chance(20)
    policy.emergencyRoles = source.chance(50) ? ["clinician"] : []
    for _ in 0...source.int(1...6) {
      let model = source.chance(70) ? "Patient" : "Visit"
      let names = Set(fields.filter { _ in source.chance(50) })
      let role = source.pick(roles)
      let purpose = source.pick(purposes)
      switch source.int(0...4) {
      case 0: policy.deny(role: role, purpose: purpose, on: model, fields: names)
      case 1: policy.mask("phone", on: model, role: role, with: .last(4))
      case 2:
        policy.allow(
          role: role, purpose: purpose, on: model, when: .attribute("ward", "ward"))
      default: policy.allow(role: role, purpose: purpose, on: model, fields: names)
      }
    }
    return policy
  }

  private static func context(_ request: Request) -> AccessContext {
    AccessContext(
      actor: .user("u"), role: request.role, purpose: request.purpose, reason: "because")
  }

  /// What each request is answered under a policy, without any cache.
  private static func fresh(
    _ policy: FieldPolicy, _ contexts: [(Request, AccessContext)], _ models: [String: ModelSchema]
  ) -> [Request: PolicyDecision?] {
    var answers: [Request: PolicyDecision?] = [:]
    for (request, context) in contexts {
      guard let model = models[request.model], policy.governs(model) else {
        answers[request] = .some(nil)
        continue
      }
      answers[request] = policy.decision(
        role: context.role, purpose: context.purpose, isEmergency: policy.isEmergency(context),
        on: model)
    }
    return answers
  }

  /// What readers found.
  private final class Tally: Sendable {
    let wrong = Atomic(0)
    let done = Atomic(0)
    let versions = Mutex<Set<Int>>([])
  }

  /// Every request there is, with its context.
  private static let contexts: [(Request, AccessContext)] = roles.flatMap { role in
    purposes.flatMap { purpose in
      ["Patient", "Visit"].map { model in
        let request = Request(role: role, purpose: purpose, model: model)
        return (request, context(request))
      }
    }
  }

  /// Asks at random and compares with what would be decided under the version that is cited.
  private static func read(
    _ book: PolicyBook, _ answers: [[Request: PolicyDecision?]], _ models: [String: ModelSchema],
    _ tally: Tally, _ seed: Int
  ) async {
    var source = SeededSource(seed)
    var seen: Set<Int> = []
    for round in 0..<250_000 {
      if round.isMultiple(of: 500) { await Task.yield() }
      let (request, context) = contexts[source.int(0...(contexts.count - 1))]
      guard let policy = book.policy, let model = models[request.model] else { continue }
      // One version for the whole decision, whatever is in force by now.
      let version = policy.policy.version
      if policy.decision(context, model) != answers[version - 1][request] ?? nil {
        tally.wrong.add(1, ordering: .relaxed)
      }
      seen.insert(version)
      tally.done.add(1, ordering: .relaxed)
    }
    tally.versions.withLock { $0.formUnion(seen) }
  }

  /// A million random requests of four readers, while another task puts policies in force.
  @Test func aMillionRequestsWhilePoliciesChange() async throws {
    let models = Dictionary(
      uniqueKeysWithValues: KeyedClinicModels().all.map { ($0.name, $0) })
    var source = SeededSource(23)
    let policies = (1...40).map { Self.policy($0, &source) }
    let answers = policies.map { Self.fresh($0, Self.contexts, models) }
    let book = PolicyBook(policies[0])
    let tally = Tally()
    try await withThrowingTaskGroup(of: Void.self) { group in
      for reader in 0..<4 {
        group.addTask { await Self.read(book, answers, models, tally, reader + 100) }
      }
      group.addTask {
        for policy in policies.dropFirst() {
          let target = tally.done.load(ordering: .relaxed) + 20_000
          while tally.done.load(ordering: .relaxed) < min(target, 990_000) { await Task.yield() }
          try book.replace(with: policy)
        }
      }
      try await group.waitForAll()
    }
    #expect(tally.wrong.load(ordering: .relaxed) == 0)
    #expect(tally.done.load(ordering: .relaxed) == 1_000_000)
    #expect(tally.versions.withLock(\.count) > 20)
  }

  /// Keys are of parts, not of joined texts: two that read alike side by side are two.
  @Test func keysDoNotCollide() {
    var policy = FieldPolicy()
    policy.allow(role: "clin", purpose: "icianbilling", on: "Patient", fields: ["name"])
    policy.allow(role: "clinician", purpose: "billing", on: "Patient", fields: ["diagnosis"])
    let compiled = CompiledPolicy(policy)
    let model = KeyedClinicModels().patient
    for _ in 0..<2 {
      for (role, purpose, field) in [
        ("clin", "icianbilling", "name"), ("clinician", "billing", "diagnosis"),
      ] {
        let decision = compiled.decision(
          AccessContext(actor: .user("u"), role: role, purpose: purpose), model)
        #expect(decision?.denied.contains(field) == false)
        #expect(decision?.denied.count == 4)
      }
    }
    // Another model of the same name is another one.
    let other = ModelSchema(
      name: "Patient", collection: "other", fields: [FieldSchema("secret", .string, privacy: .pii)])
    let decision = compiled.decision(
      AccessContext(actor: .user("u"), role: "clin", purpose: "icianbilling"), other)
    #expect(decision?.denied == ["secret"])
  }

  /// What is asked of records is asked each time: a condition is part of the answer, never its result.
  @Test func conditionsAreAskedEachTime() async throws {
    let clinic = try await KeyedClinic { options in
      var policy = FieldPolicy()
      policy.allow(
        role: "clinician", purpose: "treatment", on: "Patient",
        when: .attribute("ward", "ward"))
      options.fieldPolicy = policy
    }
    func count(_ ward: String) async throws -> Int {
      var details = AccessDetails()
      details.attributes = ["ward": [ward]]
      return try await clinic.acting("dr-7", "clinician", "treatment", details).store
        .rows(for: Query(clinic.models.patient)).count
    }
    #expect(try await count("north") == 1)
    #expect(try await count("nowhere") == 0)
    #expect(try await count("south") == 1)
    // A caller who is stopped in the middle leaves nothing that counts as a refusal.
    let stopped = Task { try await count("north") }
    stopped.cancel()
    _ = await stopped.result
    #expect(try await count("north") == 1)
    await clinic.vault.close()
  }

  /// A grant that ends, and an emergency, count at once: neither is part of what is kept.
  @Test func whoMayActIsAskedEachTime() async throws {
    let clinic = try await KeyedClinic { options in
      var hipaa = HIPAAOptions()
      hipaa.asksForGrants = true
      options.hipaa = hipaa
      var policy = FieldPolicy()
      policy.allow(role: "clinician", purpose: "treatment", on: "Patient")
      options.fieldPolicy = policy
    }
    let query = Query(clinic.models.patient, where: .document(["_id": "p1"]))
    let doctor = clinic.acting("dr-7", "clinician", "treatment").store
    #expect(await code { _ = try await doctor.rows(for: query) } == .accessDenied)
    try await clinic.vault.workforce.grant("clinician", to: "dr-7")
    #expect(try await doctor.rows(for: query).count == 1)
    try await clinic.vault.workforce.terminate("dr-7")
    #expect(await code { _ = try await doctor.rows(for: query) } == .accessDenied)
    await clinic.vault.close()
  }
}
