import PrivataCompliance
import PrivataCore
import Synchronization
import TestSupport
import Testing

/// Remembers where it was told to write to.
private final class PostOffice: SubjectNoticeDelivery {
  let sent = Mutex<[String: String]>([:])

  func deliver(_ notice: SubjectNotice, to person: SubjectDelivery) async throws {
    let place = person.contact.map { "\($0.revealed.channel.rawValue) \($0.revealed.address)" }
    sent.withLock { $0[person.id.revealed.asString ?? ""] = place ?? "as usual" }
  }
}

/// Letters of the library go where the person wants them.
@Suite struct ContactTests {
  private let notice = SubjectNotice(nature: "n", contact: "c", consequences: "q", measures: "m")

  @Test func breachNoticesUseTheAlternative() async throws {
    let clinic = try await KeyedClinic()
    let hipaa = clinic.vault.hipaa(for: clinic.models.patient)
    try await hipaa.setCommunication(
      "p1", .alternative(address: "canary-box", channel: .letter))
    let register = clinic.vault.breaches
    let breach = try await register.open(
      Breach(awareAt: .now, kinds: [.confidentiality], facts: "f"))
    let people = ["p1", "p2"].map {
      BreachScope.Person(model: "Patient", key: .string($0))
    }
    try await register.notifySubjects(breach.id, people, notice)
    let office = PostOffice()
    let progress = try await register.deliverNotices(breach.id, through: office)
    #expect(progress.delivered == 2)
    #expect(office.sent.withLock { $0 } == ["p1": "letter canary-box", "p2": "as usual"])
    await clinic.vault.close()
    #expect(try !clinic.holds("canary-box"))
  }

  @Test func lettersAboutRequestsUseTheAlternative() async throws {
    let clinic = try await KeyedClinic()
    let hipaa = clinic.vault.hipaa(for: clinic.models.patient)
    let requests = clinic.vault.requests
    let first = try await requests.open(.access, of: clinic.models.patient, subject: "p1")
    #expect(try await requests.contact(first.id) == nil)
    try await hipaa.setCommunication(
      "p1", .alternative(address: "canary-portal", channel: .portal))
    let code = try await requests.askForCode(first.id, to: .known(field: "email"))
    #expect(code.contact?.revealed == .alternative(address: "canary-portal", channel: .portal))
    #expect("\(code)".contains("canary-portal") == false)
    try await hipaa.clearCommunication("p1")
    #expect(try await requests.contact(first.id) == nil)
    await clinic.vault.close()
  }
}
