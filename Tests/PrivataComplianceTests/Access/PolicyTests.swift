import PrivataCore
import PrivataTesting
import TestSupport
import Testing

@testable import PrivataCompliance

@Suite struct PolicyTests {
  private static let roles = ["clinician", "billing", "reception"]
  private static let purposes = ["treatment", "payment", "research"]

  private func random(_ source: inout SystemRandomNumberGenerator) -> FieldPolicy {
    let fields = ["name", "email", "phone", "diagnosis", "weight"]
    var policy = FieldPolicy()
    for _ in 0..<Int.random(in: 0...5, using: &source) {
      let some = Set(fields.filter { _ in Bool.random(using: &source) })
      let role = Self.roles.randomElement(using: &source) ?? ""
      let purpose = Self.purposes.randomElement(using: &source) ?? ""
      let isAll = Int.random(in: 0..<4, using: &source) == 0
      switch Int.random(in: 0..<4, using: &source) {
      case 0:
        policy.deny(
          role: Bool.random(using: &source) ? role : nil,
          purpose: Bool.random(using: &source) ? purpose : nil, on: "Patient",
          fields: isAll ? nil : some)
      case 1:
        policy.allow(
          role: role, purpose: purpose, on: "Patient",
          privacy: Bool.random(using: &source) ? .pii : .phi)
      default:
        policy.allow(role: role, purpose: purpose, on: "Patient", fields: isAll ? nil : some)
      }
    }
    if Bool.random(using: &source) { policy.restrict("Patient") }
    return policy
  }

  /// Each field by itself: allowed where a rule allows it and none denies it.
  private func oracle(
    _ policy: FieldPolicy, _ field: FieldSchema, _ role: String, _ purpose: String
  ) -> Bool {
    var isAllowed = false
    for rule in policy.rules {
      guard rule.role ?? role == role, rule.purpose ?? purpose == purpose,
        rule.fields.map({ $0.contains(field.name) }) ?? true,
        rule.privacy.map({ $0 == field.privacy }) ?? true
      else { continue }
      if !rule.isAllowing { return false }
      isAllowed = true
    }
    return isAllowed
  }

  @Test func randomPoliciesAgreeWithAnOracle() {
    var source = SystemRandomNumberGenerator()
    let model = KeyedClinicModels().patient
    var denials = 0
    for _ in 0..<10_000 {
      let policy = random(&source)
      guard policy.governs(model) else { continue }
      let role = Self.roles.randomElement(using: &source) ?? ""
      let purpose = Self.purposes.randomElement(using: &source) ?? ""
      let decision = policy.decision(
        role: role, purpose: purpose, isEmergency: false, on: model)
      for field in model.fields where field.privacy != .open {
        let isDenied = decision.denied.contains(field.name)
        denials += isDenied ? 1 : 0
        #expect(isDenied != oracle(policy, field, role, purpose))
      }
    }
    #expect(denials > 1000)
  }

  /// A decision from the cache is the one that would be taken now, whatever changed meanwhile.
  @Test func whatIsKeptIsWhatWouldBeDecided() throws {
    var source = SystemRandomNumberGenerator()
    let model = KeyedClinicModels().patient
    let book = PolicyBook(nil)
    var policy = FieldPolicy()
    for version in 1...200 {
      policy = random(&source)
      policy.version = version
      try book.replace(with: policy)
      for _ in 0..<100 {
        let context = AccessContext(
          actor: .user("u"), role: Self.roles.randomElement(using: &source),
          purpose: Self.purposes.randomElement(using: &source))
        let fresh =
          policy.governs(model)
          ? policy.decision(
            role: context.role, purpose: context.purpose, isEmergency: false, on: model) : nil
        #expect(book.policy?.decision(context, model) == fresh)
      }
    }
    #expect(throws: PrivataError.self) { try book.replace(with: policy) }
  }

  private func policy(_ fields: Set<String>, version: Int) -> FieldPolicy {
    var policy = FieldPolicy()
    policy.version = version
    policy.allow(role: "billing", purpose: "payment", on: "Patient", fields: fields)
    return policy
  }

  @Test func aPolicyIsReplacedWhileServing() async throws {
    let clinic = try await KeyedClinic { $0.fieldPolicy = policy(["name"], version: 1) }
    let billing = clinic.acting("b1", "billing", "payment").store
    let query = Query(clinic.models.patient, where: .document(["_id": "p1"]))
    let readers = (0..<4).map { _ in
      Task {
        for _ in 0..<50 {
          let keys = try await billing.rows(for: query).documents.first?.keys ?? []
          #expect(keys.contains("name") != keys.contains("phone"))
        }
      }
    }
    let signed = try clinic.vault.sign(policy(["phone"], version: 2))
    try await clinic.vault.load(signed)
    for reader in readers { try await reader.value }
    let after = try await billing.rows(for: query).documents.first
    #expect(after?.contains("phone") == true && after?.contains("name") == false)
    var versions: Set<String> = []
    for try await event in clinic.vault.audit.events(matching: .init(actor: "b1")) {
      versions.insert(event.rule ?? "none")
    }
    #expect(versions.isSubset(of: ["v1 minimum", "v2 minimum"]) && versions.contains("v2 minimum"))
    await clinic.vault.close()
  }

  @Test func aBrokenPolicyKeepsTheOldOne() async throws {
    let clinic = try await KeyedClinic { $0.fieldPolicy = policy(["name"], version: 5) }
    let vault = clinic.vault
    #expect(
      await code { try await vault.load(vault.sign(policy(["phone"], version: 5))) } == .badArgument
    )
    #expect(
      await code { try await vault.load(vault.sign(policy(["fone"], version: 6))) } == .unknownField
    )
    var other = policy(["phone"], version: 7)
    other.restrict("Nobody")
    #expect(await code { try await vault.load(vault.sign(other)) } == .unknownModel)
    let signed = try vault.sign(policy(["name"], version: 8))
    let forged = SignedPolicy(policy: policy(["phone"], version: 8), signature: signed.signature)
    #expect(await code { try await vault.load(forged) } == .tampered)
    let query = Query(clinic.models.patient, where: .document(["_id": "p1"]))
    let rows = try await clinic.acting("b", "billing", "payment").store.rows(for: query)
    #expect(rows.documents.first?.contains("name") == true)
    #expect(rows.documents.first?.contains("phone") == false)
    await vault.close()
  }

  @Test func denyingWins() {
    var policy = FieldPolicy()
    policy.allow(role: "clinician", purpose: "treatment", on: "Patient")
    policy.deny(on: "Patient", fields: ["phone"])
    let decision = policy.decision(
      role: "clinician", purpose: "treatment", isEmergency: false,
      on: KeyedClinicModels().patient)
    #expect(decision.denied == ["phone"])
  }
}
