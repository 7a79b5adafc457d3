import PrivataCompliance
import PrivataCore
import TestSupport
import Testing

@Suite struct CertificateTests {
  /// One bit anywhere in the text, and it is refused.
  @Test func everyFlippedBitIsRefused() async throws {
    let clinic = try await Clinic()
    let result = try await clinic.vault.gdpr(for: clinic.models.patient).rightToErasure(
      Clinic.ada, .init(requestedBy: Clinic.ada, reason: "r", legalBasis: .article17))
    let key = clinic.vault.audit.publicKey
    let bytes = Array(result.certificate.json.utf8)
    var accepted: [Int] = []
    for position in bytes.indices {
      for bit in 0..<8 {
        var changed = bytes
        changed[position] ^= 1 << UInt8(bit)
        guard let text = String(validating: changed, as: UTF8.self),
          let certificate = try? ErasureCertificate(json: text)
        else { continue }
        if certificate.isValid(publicKey: key) { accepted.append(position * 8 + bit) }
      }
    }
    #expect(bytes.count > 600 && accepted == [])
  }

  /// With the proof of the log the certificate shows that the erasure is in it; another one's proof, a
  /// changed one, and one of an event that is no erasure are refused.
  @Test func theLogHasIt() async throws {
    let clinic = try await Clinic()
    let (vault, gdpr) = (clinic.vault, clinic.vault.gdpr(for: clinic.models.patient))
    let key = vault.audit.publicKey
    var proven: [ErasureCertificate] = []
    for id in [Clinic.ada, Clinic.bob] {
      let result = try await gdpr.rightToErasure(
        id, .init(requestedBy: id, reason: "r", legalBasis: .article17))
      #expect(result.certificate.inclusion == nil)
      proven.append(try await vault.proven(result.certificate))
    }
    for one in proven {
      let read = try ErasureCertificate(json: one.json)
      #expect(read == one && read.inclusion?.path.isEmpty == false)
      try read.check(publicKey: key)
      #expect(!one.json.contains(Clinic.ada.description))
    }
    let other = try #require(proven[1].inclusion?.json)
    let read = try await vault.audit.events(matching: .init(action: .insert))
      .first { _ in true }
    let insert = try await vault.audit.proof(of: #require(read).id).json
    for (wrong, code) in [
      (other, PrivataError.Code.tampered), (insert, .tampered), ("{}", .malformed),
    ] {
      var whole = try Document(extendedJSON: proven[0].json)
      whole["inclusion"] = .string(wrong)
      let text = whole.extendedJSON(.relaxed)
      let error = #expect(throws: PrivataError.self) {
        try ErasureCertificate(json: text).check(publicKey: key)
      }
      #expect(error?.code == code)
    }
  }

  @Test func saysWhatIsWrong() async throws {
    let clinic = try await Clinic()
    let result = try await clinic.vault.gdpr(for: clinic.models.patient).rightToErasure(
      Clinic.ada, .init(requestedBy: Clinic.ada, reason: "r", legalBasis: .article17))
    let key = clinic.vault.audit.publicKey
    let text = result.certificate.json
    try ErasureCertificate(json: text).check(publicKey: key)
    let forged = text.replacing("GDPR Article 17(1)", with: "GDPR Article 17(2)")
    let changed = #expect(throws: PrivataError.self) {
      try ErasureCertificate(json: forged).check(publicKey: key)
    }
    #expect(changed?.code == .tampered)
    let other = #expect(throws: PrivataError.self) {
      try ErasureCertificate(json: text).check(publicKey: Array(key.reversed()))
    }
    #expect(other?.code == .unknownKey)
    for bad in ["", "{}", "[]", text + " ", " " + text, String(text.dropLast())] {
      let error = #expect(throws: PrivataError.self) { try ErasureCertificate(json: bad) }
      #expect(error?.code == .malformed, "\(bad.prefix(10))")
    }
  }

  /// It is issued once no process holds the keys any more, and says since when.
  @Test func noKeyIsHeldAnyMore() async throws {
    let dossier = try await DossierVault { $0.encryption?.leaseSeconds = 0.4 }
    let other = try await DossierVault(dossier) { options in
      options.journal.directory = Folders.temporary()
    }
    // The other process has the person's keys in memory.
    #expect(try await other.find(other.models.person).count == 3)
    let proof = try await dossier.gdpr.rightToErasure(Int64(2), DossierModels.request)
    let statement = proof.certificate.statement
    let date = { (name: String) in
      statement[name]?.asString.flatMap { DateTime(iso8601: $0) }
    }
    let held = try #require(date("keysHeldNowhereFrom"))
    let (opened, completed) = (try #require(date("openedAt")), try #require(date("completedAt")))
    #expect(opened <= held && held <= completed)
    #expect(statement["destroyedKeys"]?.asArray?.isEmpty == false)
    let plain = try await Clinic()
    let result = try await plain.vault.gdpr(for: plain.models.patient).rightToErasure(
      Clinic.ada, .init(requestedBy: Clinic.ada, reason: "r", legalBasis: .article17))
    #expect(result.certificate.statement["keysHeldNowhereFrom"] == nil)
    await other.vault.close()
  }

  /// What the certificate and the log may keep: that, when, why and which categories; not who.
  @Test func nothingLeftNamesThePerson() async throws {
    let dossier = try await DossierVault(people: 3)
    let before = try await Clinic.raw("persons", in: dossier.identity)
    let links = before.filter { $0["_id"]?.asInt == 2 }.compactMap { $0["pseudonym"]?.asString }
    let tags = before.filter { $0["_id"]?.asInt == 2 }
      .compactMap { row in row.elements.first { $0.key.contains("tag") }?.value }
    #expect(links.count == 1 && tags.count == 1)
    let result = try await dossier.gdpr.rightToErasure(Int64(2), DossierModels.request)
    try await dossier.vault.audit.flush()
    let raw = try await dossier.raw()
    #expect(!raw.contains(DossierModels.canary(2)) && !raw.contains(links[0]))
    for tag in tags {
      let text = Document([.init(key: "t", value: tag)]).extendedJSON(.canonical)
      #expect(!raw.contains(text.dropFirst(6).dropLast(1)))
    }
    #expect(!result.certificate.json.contains(links[0]))
    // Who has the id and the vault's key finds the event.
    let own = AuditSelection(model: "Person", action: .erase, record: .int64(2))
    #expect(try await dossier.vault.audit.count(matching: own) == 1)
    let others = AuditSelection(model: "Person", action: .erase, record: .int64(3))
    #expect(try await dossier.vault.audit.count(matching: others) == 0)
    #expect(try await dossier.vault.audit.verify().isValid)
  }

  /// Ten calls: one certificate, one event of the erasure and nine of the repetition.
  @Test func repeatedCallsAreToldApart() async throws {
    let dossier = try await DossierVault()
    var certificates: Set<ErasureCertificate> = []
    for number in 0..<10 {
      let request = ErasureRequest(
        requestedBy: Value.string("office"), reason: "reason \(number)", legalBasis: .article17)
      certificates.insert(try await dossier.gdpr.rightToErasure(Int64(2), request).certificate)
    }
    #expect(certificates.count == 1)
    var codes: [String: Int] = [:]
    let selection = AuditSelection(model: "Person", action: .erase)
    for try await event in dossier.vault.audit.events(matching: selection) {
      codes[event.errorCode ?? "first", default: 0] += 1
    }
    #expect(codes == ["first": 1, "replayed": 9])
  }
}
