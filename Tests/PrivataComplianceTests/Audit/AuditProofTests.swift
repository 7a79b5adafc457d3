import Crypto
import PrivataCore
import PrivataTesting
import Synchronization
import TestSupport
import Testing

@testable import PrivataCompliance

/// A third party holds a proof and the vault's public key, and nothing else.
@Suite struct AuditProofTests {
  private func filled(_ reads: Int = 20) async throws -> Clinic {
    let clinic = try await Clinic()
    for _ in 0..<reads { _ = try await clinic.find(clinic.models.patient) }
    try await clinic.vault.audit.flush()
    return clinic
  }

  private func events(_ clinic: Clinic) async throws -> [AuditEvent] {
    var events: [AuditEvent] = []
    for try await event in clinic.vault.audit.events(matching: .init(model: "Patient")) {
      events.append(event)
    }
    return events
  }

  @Test func everyEventIsProvenToAThirdParty() async throws {
    let clinic = try await filled()
    let key = clinic.vault.audit.publicKey
    let events = try await events(clinic)
    #expect(events.count == 21)
    for event in events {
      let proof = try await clinic.vault.audit.proof(of: event.id)
      #expect(try AuditProof(json: proof.json).verified(by: key) == event)
      // Each proof is an event itself: the log grows from 23 events to 45.
      #expect(proof.path.count <= 6)
    }
  }

  @Test func anEventThatIsNotThereHasNoProof() async throws {
    let clinic = try await filled(1)
    let nobody = try #require(AuditEventID("01890000-0000-7000-8000-000000000000"))
    let error = await #expect(throws: PrivataError.self) {
      try await clinic.vault.audit.proof(of: nobody)
    }
    #expect(error?.code == .notFound)
  }

  @Test func headsAreConsistentWithEachOther() async throws {
    let clinic = try await filled(3)
    for _ in 0..<4 {
      for _ in 0..<3 { _ = try await clinic.find(clinic.models.clinic) }
      try await clinic.vault.audit.flush()
    }
    let heads = try await clinic.vault.audit.checkpoints()
    #expect(heads.count >= 5)
    let key = clinic.vault.audit.publicKey
    for (position, older) in heads.enumerated() {
      for newer in heads[position...] {
        let proof = try await clinic.vault.audit.consistencyProof(from: older, to: newer)
        try AuditConsistencyProof(json: proof.json).verify(by: key)
      }
    }
    let first = try #require(heads.first), last = try #require(heads.last)
    let error = await #expect(throws: PrivataError.self) {
      try await clinic.vault.audit.consistencyProof(from: last, to: first)
    }
    #expect(error?.code == .badArgument)
  }

  /// One bit of a proof's text after the other is flipped: none passes, and each refusal says of what.
  @Test func noFlippedBitOfAProofPasses() async throws {
    let clinic = try await filled(4)
    let event = try #require(try await events(clinic).first)
    let proof = try await clinic.vault.audit.proof(of: event.id)
    let key = clinic.vault.audit.publicKey
    let text = Array(proof.json.utf8)
    for position in text.indices {
      var changed = text
      changed[position] ^= 1 << UInt8(position % 7)
      let error = #expect(throws: PrivataError.self, "byte \(position)") {
        try AuditProof(json: String(decoding: changed, as: UTF8.self)).verified(by: key)
      }
      let told = ["proof", "checkpoint", "event", "path"].contains {
        error?.message.contains($0) == true
      }
      #expect(told && [.tampered, .malformed, .unknownKey].contains(error?.code), "\(position)")
    }
  }

  @Test func noFlippedBitOfAConsistencyProofPasses() async throws {
    let clinic = try await filled(2)
    _ = try await clinic.find(clinic.models.clinic)
    let heads = try await clinic.vault.audit.checkpoints()
    let proof = try await clinic.vault.audit.consistencyProof(
      from: try #require(heads.first), to: try #require(heads.last))
    let key = clinic.vault.audit.publicKey
    let text = Array(proof.json.utf8)
    for position in text.indices {
      var changed = text
      changed[position] ^= 1 << UInt8(position % 7)
      #expect(throws: PrivataError.self, "byte \(position)") {
        try AuditConsistencyProof(json: String(decoding: changed, as: UTF8.self)).verify(by: key)
      }
    }
  }

  @Test func noFlippedBitOfACheckpointPasses() async throws {
    let clinic = try await filled(1)
    let head = try #require(try await clinic.vault.audit.checkpoints().last)
    let key = clinic.vault.audit.publicKey
    #expect(try AuditCheckpoint(note: head.note, publicKey: key) == head)
    #expect(head.isSigned(by: key))
    let text = Array(head.note.utf8)
    for position in text.indices {
      var changed = text
      changed[position] ^= 1 << UInt8(position % 7)
      let note = String(decoding: changed, as: UTF8.self)
      let read = try? AuditCheckpoint(note: note, publicKey: key)
      #expect(read?.isSigned(by: key) != true, "byte \(position)")
    }
  }

  @Test func anotherKeyIsToldFromAChange() async throws {
    let clinic = try await filled(1)
    let event = try #require(try await events(clinic).first)
    let proof = try await clinic.vault.audit.proof(of: event.id)
    let other = VaultKeys(master: Array(repeating: 9, count: 32)).signing.publicKey
    let error = #expect(throws: PrivataError.self) {
      try proof.verified(by: Array(other.rawRepresentation))
    }
    #expect(error?.code == .unknownKey)
  }

  /// The log was changed and its signer asked for a proof: it gives none that leads elsewhere.
  @Test func aChangedLogYieldsNoProof() async throws {
    let clinic = try await filled(6)
    let event = try #require(try await events(clinic).last)
    _ = try await clinic.memory.identity.write(
      .delete(
        Delete(
          AuditModels.events, where: .compare("sequence", .equal, .int64(2)), layout: .cells)))
    let error = await #expect(throws: PrivataError.self) {
      try await clinic.vault.audit.proof(of: event.id)
    }
    #expect(error?.code == .tampered && error?.message.contains("event 2") == true)
  }

  /// The clock of the machine goes back by an hour while events are written.
  @Test func timeNeverGoesBack() throws {
    let folder = Folders.temporary()
    try FileSystem.makeDirectory(folder)
    let journal = try Journal("events", in: folder, writer: 7, options: JournalOptions())
    let times = Times()
    let recorder = AuditRecorder(
      journal, writer: 7, overflow: .failClosedForPHI, clock: { times.next() })
    for _ in 0..<100 {
      try recorder.record(.service, scope: [], result: AuditResult(), isPersonal: true)
    }
    var cursor = Journal.Cursor(0)
    let events = try journal.records(&cursor, limit: 200).map { try AuditEvent(bytes: $0.payload) }
    #expect(events.count == 100)
    for (event, next) in zip(events, events.dropFirst()) {
      #expect(event.nanoseconds < next.nanoseconds)
      #expect(event.id.description < next.id.description)
    }
  }
}

/// A clock that is set back by an hour after fifty looks.
private final class Times: Sendable {
  private let looks = Mutex(0)

  func next() -> Int64 {
    looks.withLock { looks in
      looks += 1
      let hour: Int64 = 3_600_000_000_000
      return 1_800_000_000_000_000_000 + Int64(looks) * 1_000 - (looks > 50 ? hour : 0)
    }
  }
}
