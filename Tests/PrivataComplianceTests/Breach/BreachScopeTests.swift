import PrivataCompliance
import PrivataCore
import Synchronization
import TestSupport
import Testing

/// A mail house that does not reach some people.
private final class MailHouse: SubjectNoticeDelivery {
  let told = Mutex<[String]>([])
  let attempts = Mutex<[String: Int]>([:])
  let failing: @Sendable (SubjectDelivery) -> Bool

  init(failing: @escaping @Sendable (SubjectDelivery) -> Bool = { _ in false }) {
    self.failing = failing
  }

  func deliver(_ notice: SubjectNotice, to person: SubjectDelivery) async throws {
    attempts.withLock { $0[person.key, default: 0] += 1 }
    if failing(person) { throw PrivataError(.connection, "no such address") }
    told.withLock { $0.append(person.key) }
  }
}

@Suite struct BreachScopeTests {
  private let notice = SubjectNotice(
    nature: "n", contact: "c", consequences: "q", measures: "m")

  private func people(_ count: Int) -> [ObjectID] {
    (0..<count).map { ObjectID(high: 11, low: UInt32($0)) }
  }

  private func clinic(_ count: Int) async throws -> FileClinic {
    let clinic = try await FileClinic(isEmpty: true)
    let records = people(count).enumerated().map { number, id -> Document in
      [
        "_id": .objectID(id), "name": .string("p\(number)"),
        "email": .string("p\(number)@example.org"), "level": .int(number),
        "diagnosis": .string("d\(number)"),
      ]
    }
    for start in stride(from: 0, to: count, by: 500) {
      try await clinic.insert(
        clinic.models.patient, Array(records[start..<min(start + 500, count)]))
    }
    return clinic
  }

  private func mallory(_ clinic: FileClinic) -> Vault {
    clinic.acting("treatment", actor: "mallory")
  }

  @Test func theLogSaysWhoWasSeen() async throws {
    let clinic = try await clinic(2_500)
    let before = DateTime.now
    try await Task.sleep(for: .milliseconds(2))
    let query = Query(
      clinic.models.patient, where: .compare("level", .less, 1_234),
      projection: .fields(["_id", "diagnosis"]), layout: .cells)
    for skip in [0, 900] {
      var page = query
      page.sort = [SortKey("level")]
      page.skip = skip
      page.limit = 900
      _ = try await mallory(clinic).store.rows(for: page)
    }
    // Somebody else's reads are not hers.
    _ = try await clinic.find(
      clinic.acting("treatment"), clinic.models.patient, ["level": 2_000])
    let after = DateTime(milliseconds: DateTime.now.milliseconds + 1)
    let scope = try await clinic.vault.breaches.affected(
      .access(actor: "mallory", from: before, to: after))
    let ids = Set(scope.persons.compactMap(\.key.asObjectID))
    #expect(ids == Set(people(1_234)))
    #expect(scope.fields == ["Patient._id", "Patient.diagnosis"] && scope.unnamed == 0)
    #expect(!scope.isUnintelligible && scope.unresolved == 0)
    #expect(scope.statement.isValid(publicKey: clinic.vault.audit.publicKey))
    let again = try SignedStatement(json: scope.statement.json)
    #expect(again == scope.statement)
    let forged = try SignedStatement(
      json: scope.statement.json.replacing("\"persons\":1234", with: "\"persons\":12"))
    #expect(forged != scope.statement && !forged.isValid(publicKey: clinic.vault.audit.publicKey))
    await clinic.close()
  }

  @Test func referencesLeadToPersonsAndRefusalsToNobody() async throws {
    let clinic = try await FileClinic { $0.purposes = .registered }
    try await clinic.vault.purposes.register(Purpose("treatment", basis: .contract))
    let before = DateTime.now
    try await Task.sleep(for: .milliseconds(2))
    _ = try await clinic.find(
      mallory(clinic), clinic.models.session, ["summary": "canary-note"])
    let stranger = clinic.acting("sales", actor: "mallory")
    #expect(await code { _ = try await clinic.count(stranger, clinic.models.patient) } != nil)
    let question = BreachQuestion.access(
      actor: "mallory", from: before, to: DateTime(milliseconds: DateTime.now.milliseconds + 1))
    let scope = try await clinic.vault.breaches.affected(question)
    #expect(scope.persons.map(\.key) == [.objectID(FileClinic.ada)])
    #expect(scope.refused == 1)
    // A record that is gone cannot be resolved, and is counted.
    let session = clinic.models.session
    _ = try await clinic.store.write(.delete(Delete(session, where: .all, isMany: true)))
    #expect(try await clinic.vault.breaches.affected(question).unresolved == 1)
    await clinic.close()
  }

  @Test func whatCannotBeReadIsUnintelligible() async throws {
    let sealed = try await SealedClinic.Places.memory().vault()
    let patient = ModelSchema(
      name: "Patient", collection: "patients",
      fields: [
        FieldSchema("_id", .objectID, isOptional: false),
        FieldSchema("name", .string, privacy: .pii, encryption: .encrypted),
        FieldSchema("diagnosis", .string, privacy: .phi),
      ], isOpen: true)
    try await sealed.store.prepare([patient])
    _ = try await sealed.store.write(
      .insert(Insert(patient, .documents([["name": "Ada", "diagnosis": "x"]]))))
    func scope(_ isIdentity: Bool, _ withKeys: Bool) async throws -> BreachScope {
      try await sealed.breaches.affected(.theft(ofIdentityStore: isIdentity, withKeys: withKeys))
    }
    let identity = try await scope(true, false)
    #expect(identity.isUnintelligible && identity.persons.count == 1)
    #expect(identity.fields == ["Patient.name"])
    #expect(try await !scope(true, true).isUnintelligible)
    let clinical = try await scope(false, false)
    #expect(!clinical.isUnintelligible && clinical.fields == ["Patient.diagnosis"])
    await sealed.close()
  }

  @Test func everyPersonIsToldOnceThoughItStopsInBetween() async throws {
    let clinic = try await clinic(3_000)
    let register = clinic.vault.breaches
    let breach = try await register.open(
      Breach(awareAt: .now, kinds: [.confidentiality], facts: "f"))
    let persons = people(3_000).map {
      BreachScope.Person(model: "Patient", key: .objectID($0))
    }
    for part in [\SubjectNotice.nature, \.contact, \.consequences, \.measures] {
      var less = notice
      less[keyPath: part] = ""
      #expect(
        await code { try await register.notifySubjects(breach.id, persons, less) } == .badArgument)
    }
    try await register.notifySubjects(breach.id, persons, notice)
    // A second list with the same people adds nobody.
    try await register.notifySubjects(breach.id, Array(persons[..<10]), notice)
    // Who was erased meanwhile is left alone.
    _ = try await clinic.gdpr.rightToErasure(
      people(1)[0], .init(requestedBy: people(1)[0], reason: "r", legalBasis: .article17))
    let first = MailHouse { $0.attempt < 2 && $0.key.hasSuffix("a") }
    var progress = try await register.deliverNotices(breach.id, through: first)
    #expect(progress.erased == 1 && progress.waiting > 0)
    #expect(progress.delivered + progress.waiting == 2_999)
    await clinic.vault.close()
    let again = try await FileClinic(in: clinic.folder)
    let second = MailHouse { $0.key.hasSuffix("aa") }
    let others = again.vault.breaches
    progress = try await others.deliverNotices(breach.id, through: second)
    progress = try await others.deliverNotices(breach.id, through: second)
    #expect(progress.waiting == 0 && progress.undeliverable > 0)
    let told = first.told.withLock { $0 } + second.told.withLock { $0 }
    #expect(told.count == Set(told).count && told.count == progress.delivered)
    #expect(progress.delivered + progress.undeliverable == 2_999)
    await again.close()
  }

  @Test func anExceptionNeedsEvidenceAndTellsNobody() async throws {
    let clinic = try await clinic(1)
    let register = clinic.vault.breaches
    let breach = try await register.open(
      Breach(awareAt: .now, kinds: [.confidentiality], facts: "f"))
    #expect(
      await code { try await register.deliverNotices(breach.id, through: MailHouse()) } == .notFound
    )
    for bare in [
      SubjectException.unintelligible(evidence: ""), .laterMeasures(evidence: ""),
      .disproportionate(publicCommunication: ""),
    ] {
      #expect(await code { try await register.exceptSubjects(breach.id, bare) } == .badArgument)
    }
    let kept = try await register.exceptSubjects(
      breach.id, .unintelligible(evidence: "scope 17"))
    #expect(kept.subjectException == .unintelligible(evidence: "scope 17"))
    #expect(try await register.breach(breach.id).subjectException == kept.subjectException)
    let person = BreachScope.Person(model: "Patient", key: .objectID(people(1)[0]))
    #expect(
      await code { try await register.notifySubjects(breach.id, [person], notice) } == .badArgument)
    await clinic.close()
  }
}
