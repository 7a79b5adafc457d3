import Foundation
import MongoStyle
import PatientImport
import PrivataCompliance
import PrivataCore
import PrivataSQLite

/// The main job, step by step: a plain model, the swap, the same queries, an erasure, the audit log.
struct Demo {
  let files: PatientFiles
  let folder: String
  var report = DemoReport()

  mutating func run() async throws {
    let plain = try await MongoStyle.connect(.sqlite(folder + "/clinic.db"))
    let before = Clinic(
      patients: try plain.model("Patient", Schemas.patient),
      conditions: try plain.model("Condition", Schemas.condition))
    head("1. A plain Mongo-style model on SQLite")
    try await before.fill(from: files)
    let plainAnswers = try await ask(before, shows: true)

    head("2. The same program on a vault: only the construction changes")
    let vault = try await Vault(
      identity: .sqlite(folder + "/identity.db"), clinical: .sqlite(folder + "/clinical.db"))
    let after = Clinic(
      patients: try vault.model("Patient", Schemas.patient),
      conditions: try vault.model("Condition", Schemas.condition))
    try await after.fill(from: files)
    let vaultAnswers = try await ask(after, shows: false)
    let same = zip(plainAnswers, vaultAnswers).count { Self.equal($0, $1) }
    print("\(same) of \(plainAnswers.count) queries answer exactly as before")
    report.patients = files.patients.rows.count
    report.ok = same == plainAnswers.count

    try await showStores()
    try await erase(vault, after)
    try await verify(vault)
    try await compare(before, after)
    await vault.close()
    await plain.close()
  }

  /// Documents are equal whatever the order of their keys.
  private static func equal(_ a: [Document], _ b: [Document]) -> Bool {
    a.map(\.sortedByKey) == b.map(\.sortedByKey)
  }

  private func head(_ text: String) { print("\n== \(text)") }

  private func ask(_ clinic: Clinic, shows: Bool) async throws -> [[Document]] {
    var answers: [[Document]] = []
    for question in Clinic.questions {
      let answer = try await question.ask(clinic)
      if shows { print("\(question.name): \(answer.count) documents") }
      answers.append(answer)
    }
    return answers
  }
}

// MARK: - Looking in from outside

extension Demo {
  private mutating func showStores() async throws {
    head("3. What each store holds, read past Privata")
    let identity = try await Shelf(folder + "/identity.db")
    let clinical = try await Shelf(folder + "/clinical.db")
    report.identityRows = try await identity.count("patients")
    report.clinicalRows = try await clinical.count("patients") + clinical.count("conditions")
    for (name, shelf) in [("identity.db", identity), ("clinical.db", clinical)] {
      for table in try await shelf.tables() where table == "patients" || table == "conditions" {
        print("\(name), table \(table), \(try await shelf.count(table)) rows; the first:")
        for line in try await shelf.firstRow(table) { print("    " + line) }
      }
      await shelf.close()
    }
  }

  private mutating func erase(_ vault: Vault, _ clinic: Clinic) async throws {
    head("4. A person asks to be forgotten")
    guard let id = try await clinic.patients.findOne().sort("_id").exec()?.value("_id") else {
      return
    }
    let proof = try await clinic.patients.gdpr.rightToErasure(
      id, .init(requestedBy: id, reason: "asked by letter", legalBasis: .article17))
    let gone = try await clinic.patients.findById(id).exec() == nil
    let isValid = proof.certificate.isValid(publicKey: vault.audit.publicKey)
    print("identity deleted: \(proof.identityDeleted); clinical kept: \(proof.clinicalPreserved)")
    print("found afterwards: \(!gone); certificate verifies offline: \(isValid)")
    report.erased = gone && isValid ? 1 : 0
  }

  private mutating func verify(_ vault: Vault) async throws {
    head("5. The audit log")
    try await vault.audit.flush()
    let verification = try await vault.audit.verify()
    report.auditEvents = verification.events
    report.auditVerified = verification.isValid
    report.ok = report.ok && report.auditVerified && report.erased == 1
    print(
      "\(verification.events) events, \(verification.checkpoints) signed checkpoints; "
        + (verification.problem.map { "\($0)" } ?? "nothing changed, removed or reordered"))
  }

  /// Microseconds per call, the better of three runs of each, taken in turns.
  private func compare(_ before: Clinic, _ after: Clinic) async throws {
    head(
      "6. What it costs: microseconds a call in this debug build; make bench measures in release")
    let id = try await after.patients.findOne().sort("-_id").exec()?.value("_id") ?? .null
    let calls: [(String, @Sendable (Clinic) async throws -> Void)] = [
      ("findById", { _ = try await $0.patients.findById(id).lean().exec() }),
      ("find 10", { _ = try await $0.patients.find(["gender": "F"]).limit(10).lean().exec() }),
      ("count", { _ = try await $0.patients.countDocuments(["gender": "F"]).exec() }),
    ]
    print("            plain    vault")
    for (name, call) in calls {
      var best = [Double.infinity, .infinity]
      for _ in 0..<3 {
        for (side, clinic) in [before, after].enumerated() {
          best[side] = min(best[side], try await Self.microseconds(50) { try await call(clinic) })
        }
      }
      print(
        String(
          format: "%@ %8.1f %8.1f", name.padding(toLength: 8, withPad: " ", startingAt: 0), best[0],
          best[1]))
    }
  }

  private static func microseconds(
    _ count: Int, _ body: () async throws -> Void
  ) async throws -> Double {
    let start = ContinuousClock.now
    for _ in 0..<count { try await body() }
    let (seconds, attoseconds) = (ContinuousClock.now - start).components
    return (Double(seconds) * 1e6 + Double(attoseconds) / 1e12) / Double(count)
  }
}

extension Document {
  /// The document with the keys of every level in order.
  fileprivate var sortedByKey: Document {
    Document(
      elements.sorted { $0.key < $1.key }.map { element in
        guard case .document(let inner) = element.value else { return element }
        return Element(key: element.key, value: .document(inner.sortedByKey))
      })
  }
}
