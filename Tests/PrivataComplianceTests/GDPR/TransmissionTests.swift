import PrivataCompliance
import PrivataCore
import Synchronization
import TestSupport
import Testing

@Suite struct TransmissionTests {
  /// A receiver whose line breaks behind some parts.
  private final class Line: TransmissionChannel {
    let parts = Mutex<[Int: [UInt8]]>([:])
    let manifests = Mutex<[SignedStatement]>([])
    let left: Mutex<Int>

    init(breaksBehind count: Int = .max) { left = Mutex(count) }

    func send(_ part: [UInt8], number: Int, of transmission: String) async throws {
      try left.withLock { left in
        guard left > 0 else { throw PrivataError(.connection, "gone") }
        left -= 1
      }
      parts.withLock { $0[number] = part }
    }

    func finish(_ manifest: SignedStatement, of transmission: String) async throws {
      try left.withLock { left in
        guard left > 0 else { throw PrivataError(.connection, "gone") }
      }
      manifests.withLock { $0.append(manifest) }
    }

    var ordered: [[UInt8]] {
      parts.withLock { parts in parts.sorted { $0.key < $1.key }.map(\.value) }
    }
    var manifest: SignedStatement? { manifests.withLock(\.last) }
  }

  private func receiver(_ key: TransmissionKey, _ country: String = "DE") -> TransmissionReceiver {
    TransmissionReceiver(.init(country: country, recipient: "Clinic B"), publicKey: key.publicKey)
  }

  private func filled() async throws -> Clinic {
    let clinic = try await Clinic()
    try await clinic.insert(
      clinic.models.session,
      (0..<20).map { number in
        [
          "_id": .objectID(ObjectID(high: 9, low: UInt32(number))),
          "patient": .objectID(Clinic.ada), "summary": .string("note \(number)"),
        ]
      })
    return clinic
  }

  /// What one vault sent, another takes in, and both hand out the same.
  @Test func whatIsSentIsWhatArrives() async throws {
    let (clinic, key, line) = (try await filled(), TransmissionKey(), Line())
    let gdpr = clinic.vault.gdpr(for: clinic.models.patient)
    let sent = try await gdpr.transmit(Clinic.ada, to: receiver(key), through: line, batch: 7)
    #expect(sent.isComplete && sent.parts == line.ordered.count && sent.parts > 3)
    for part in line.ordered {
      let text = String(decoding: part, as: UTF8.self)
      #expect(!text.contains("Ada") && !text.contains("note"))
    }
    let manifest = try #require(line.manifest)
    #expect(!manifest.json.contains("Ada") && !manifest.json.contains("\(Clinic.ada)"))
    let sender = clinic.vault.audit.publicKey
    let text = try key.open(line.ordered, SignedStatement(json: manifest.json), sentBy: sender)
    let records = try Document(extendedJSON: text)["records"]?.asArray ?? []
    #expect(records.count == 22)
    let other = try await MemoryVault()
    try await other.vault.store.prepare(clinic.models.all)
    for model in [clinic.models.patient, clinic.models.session] {
      let own = records.compactMap(\.asDocument).filter { $0["model"] == .string(model.name) }
      _ = try await other.vault.store.write(
        .insert(Insert(model, .documents(own.compactMap { $0["record"]?.asDocument }))))
    }
    let theirs = try await other.vault.gdpr(for: clinic.models.patient).rightToPortability(
      Clinic.ada)
    let ours = try await gdpr.rightToPortability(Clinic.ada)
    #expect(theirs.csv["Patient"] == ours.csv["Patient"])
    // A heading and 21 visits: a record that names several people stays.
    #expect(theirs.csv["Session"]?.split(separator: "\r\n").count == 22)
    #expect(try await clinic.vault.transfers.records().map(\.basis) == ["within"])
    #expect(
      try await clinic.vault.audit.count(
        matching: .init(action: .init(rawValue: "gdpr.portability.transmit"))) == 1)
  }

  /// Broken off behind each part in turn, it goes on there.
  @Test func aBrokenLineIsTakenUpAgain() async throws {
    let (clinic, key, line) = (try await filled(), TransmissionKey(), Line(breaksBehind: 1))
    let gdpr = clinic.vault.gdpr(for: clinic.models.patient)
    var sent = try await gdpr.transmit(Clinic.ada, to: receiver(key), through: line, batch: 7)
    var rounds = 1
    while let token = sent.resumption, rounds < 20 {
      #expect(sent.parts <= rounds && !sent.isComplete && !token.contains("Ada"))
      line.left.withLock { $0 = 1 }
      sent = try await gdpr.transmit(
        Clinic.ada, to: receiver(key), through: line, resuming: token, batch: 7)
      rounds += 1
    }
    #expect(sent.isComplete && rounds > 3)
    let text = try key.open(
      line.ordered, #require(line.manifest), sentBy: clinic.vault.audit.publicKey)
    #expect(try Document(extendedJSON: text)["records"]?.asArray?.count == 22)
    let bad = await failure {
      _ = try await gdpr.transmit(
        Clinic.ada, to: receiver(key), through: line, resuming: "x.eA==")
    }
    #expect(bad?.code == .malformed)
  }

  /// To a state without a ground nothing leaves.
  @Test func nothingLeavesWithoutAGround() async throws {
    let (clinic, key, line) = (try await filled(), TransmissionKey(), Line())
    let gdpr = clinic.vault.gdpr(for: clinic.models.patient)
    let refused = await failure {
      _ = try await gdpr.transmit(Clinic.ada, to: receiver(key, "IN"), through: line)
    }
    #expect(refused?.code == .transferRefused && line.ordered.isEmpty && line.manifest == nil)
    let noKey = await failure {
      let receiver = TransmissionReceiver(
        .init(country: "DE", recipient: "B"), publicKey: [1, 2, 3])
      _ = try await gdpr.transmit(Clinic.ada, to: receiver, through: line)
    }
    #expect(noKey?.code == .badArgument && line.ordered.isEmpty)
    let nobody = await failure {
      _ = try await gdpr.transmit(ObjectID(), to: receiver(key), through: line)
    }
    #expect(nobody?.code == .notFound)
  }

  /// Where it is not feasible there is a copy for download.
  @Test func whoCannotBeReachedIsDownloaded() async throws {
    let (clinic, key, line) = (try await filled(), TransmissionKey(), Line(breaksBehind: 0))
    let sent = try await clinic.vault.gdpr(for: clinic.models.patient).transmit(
      Clinic.ada, to: receiver(key), through: line, downloadExpiresIn: .seconds(60))
    #expect(sent.parts == 0 && !sent.isComplete)
    let ticket = try #require(sent.download)
    #expect(try clinic.vault.packages.open(ticket.token).contains("Ada Canary"))
  }

  /// Another receiver, another sender, and every change.
  @Test func whatWasChangedIsRefused() async throws {
    let (clinic, key, line) = (try await filled(), TransmissionKey(), Line())
    _ = try await clinic.vault.gdpr(for: clinic.models.patient).transmit(
      Clinic.ada, to: receiver(key), through: line, batch: 7)
    let (parts, sender) = (line.ordered, clinic.vault.audit.publicKey)
    let manifest = try #require(line.manifest)
    func opens(
      _ parts: [[UInt8]], _ manifest: SignedStatement, _ sender: [UInt8],
      _ key: TransmissionKey
    ) async -> PrivataError.Code? {
      await code { _ = try key.open(parts, manifest, sentBy: sender) }
    }
    #expect(await opens(parts, manifest, sender, key) == nil)
    #expect(try await opens(parts, manifest, sender, TransmissionKey(bytes: key.bytes)) == nil)
    #expect(await opens(parts, manifest, sender, TransmissionKey()) == .unknownKey)
    #expect(await opens(parts, manifest, Array(sender.reversed()), key) == .tampered)
    #expect(await opens(Array(parts.dropLast()), manifest, sender, key) == .tampered)
    var swapped = parts
    swapped.swapAt(0, 1)
    #expect(await opens(swapped, manifest, sender, key) == .tampered)
    for index in parts.indices {
      var changed = parts
      changed[index][changed[index].count / 2] ^= 1
      #expect(await opens(changed, manifest, sender, key) == .tampered)
    }
    let forged = try SignedStatement(
      json: manifest.json.replacing("Clinic B", with: "Clinic C"))
    #expect(await opens(parts, forged, sender, key) == .tampered)
    #expect(await code { _ = try TransmissionKey(bytes: [1]) } == .badArgument)
  }
}
