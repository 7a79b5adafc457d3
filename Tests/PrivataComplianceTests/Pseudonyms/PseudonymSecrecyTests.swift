import Foundation
import PrivataCompliance
import PrivataCore
import PrivataTesting
import Synchronization
import TestSupport
import Testing

/// A pseudonym is drawn, never computed: nothing about a person leads to it.
@Suite struct PseudonymSecrecyTests {
  private func links(_ clinic: Clinic) async throws -> [(id: String, link: String)] {
    try await Clinic.raw(clinic.models.patient.collection, in: clinic.memory.identity).compactMap {
      guard let id = $0["_id"], let link = $0["pseudonym"]?.asString else { return nil }
      return ("\(id)", link)
    }
  }

  /// The same people in another vault, with the same keys, have other pseudonyms.
  @Test func theSamePersonGetsAnotherOne() async throws {
    let first = try await links(try await Clinic())
    let second = try await links(try await Clinic())
    #expect(first.map(\.id).sorted() == second.map(\.id).sorted())
    #expect(Set(first.map(\.link)).isDisjoint(with: second.map(\.link)))
  }

  @Test func afterAnErasureTheSameIDGetsAnotherOne() async throws {
    let clinic = try await Clinic()
    let before = try await links(clinic).map(\.link)
    _ = try await clinic.vault.gdpr(for: clinic.models.patient).rightToErasure(
      Clinic.ada, .init(requestedBy: Clinic.ada, reason: "asked", legalBasis: .article17))
    try await clinic.insert(
      clinic.models.patient, [["_id": .objectID(Clinic.ada), "name": "Ada again"]])
    let after = try await links(clinic).map(\.link)
    #expect(Set(after).subtracting(before).count == 1)
  }

  /// Neither the order of creation nor the id says anything: of 4,000 pairs, one position of the
  /// pseudonym is above its neighbour's as often as not, and shares letters with the id as chance does.
  @Test func orderAndIDSayNothing() {
    let made = (0..<4_000).map { _ in Array(SecurePseudonyms().next().text.utf8.dropFirst(5)) }
    for position in [0, 7, 15, 31] {
      var rises = 0
      var ties = 0
      for (a, b) in zip(made, made.dropFirst()) {
        if a[position] < b[position] { rises += 1 }
        if a[position] == b[position] { ties += 1 }
      }
      let share = Double(rises) / Double(made.count - 1 - ties)
      #expect(abs(share - 0.5) < 0.05, "position \(position): \(share)")
    }
  }

  /// Mutual information of the first letter with the number of creation, in eight classes.
  @Test func theNumberOfCreationSaysNothing() {
    let made = (0..<4_000).map { _ in Array(SecurePseudonyms().next().text.utf8.dropFirst(5)) }
    var joint = [[Int]](repeating: [Int](repeating: 0, count: 62), count: 8)
    let symbols = Array("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789".utf8)
    for (number, letters) in made.enumerated() {
      guard let symbol = symbols.firstIndex(of: letters[0]) else {
        Issue.record("another letter")
        return
      }
      joint[number % 8][symbol] += 1
    }
    let total = Double(made.count)
    let columns = (0..<62).map { symbol in joint.reduce(0) { $0 + $1[symbol] } }
    var statistic = 0.0
    for row in joint {
      let own = Double(row.reduce(0, +))
      for (symbol, count) in row.enumerated() {
        let expected = own * Double(columns[symbol]) / total
        if expected > 0 { statistic += pow(Double(count) - expected, 2) / expected }
      }
    }
    // Chi-square with 427 degrees of freedom: above 530 with p < 0.0005.
    #expect(statistic < 540)
  }

  /// The library offers no way back: no function of its sources takes a pseudonym and answers an id,
  /// but the vault's own look-ups in the identity store.
  @Test func nothingPublicLeadsBack() throws {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
    let files = try #require(
      FileManager.default.enumerator(
        at: root.appending(path: "Sources"), includingPropertiesForKeys: nil))
    var seen = 0
    for case let file as URL in files where file.pathExtension == "swift" {
      let text = try String(contentsOf: file, encoding: .utf8)
      for match in text.matches(of: /public (?:static )?func (\w+)\([^)]*Pseudonym\b[^)]*\)/) {
        // Answers rows that nobody is linked to any more, by the receipt of their erasure.
        if match.1 == "unlinkedRecords" { continue }
        Issue.record("\(file.lastPathComponent): \(match.1) takes a pseudonym")
      }
      #expect(!text.contains("func reverse(_ pseudonym"))
      seen += 1
    }
    #expect(seen > 100)
  }

  /// Pseudonyms of a generator that repeats itself join nobody.
  @Test func aRepeatedPseudonymIsRefused() async throws {
    struct Stuck: PseudonymGenerator {
      func next() -> Pseudonym {
        Pseudonym("pseu_" + String(repeating: "R", count: 32)) ?? SecurePseudonyms().next()
      }
    }
    let memory = try await MemoryVault { $0.pseudonyms = Stuck() }
    let model = ClinicModels().patient
    try await memory.vault.store.prepare([model])
    for (number, isFirst) in [(1, true), (2, false)] {
      let insert = Write.insert(
        Insert(
          model,
          .documents([
            [
              "_id": .objectID(ObjectID(high: 9, low: UInt32(number))), "name": "n",
              "email": .string("\(number)@example.org"), "diagnosis": .string("d\(number)"),
            ]
          ])))
      if isFirst {
        _ = try await memory.vault.store.write(insert)
      } else {
        await #expect(throws: PrivataError.self) {
          let outcome = try await memory.vault.store.write(insert)
          if let failure = outcome.failures.first { throw failure.error }
        }
      }
    }
    let rows = try await memory.vault.store.rows(for: Query(model)).documents
    #expect(rows.map { $0["diagnosis"] } == ["d1"])
  }

  /// A pseudonym that is somebody's already is drawn again, alone and among many rows.
  @Test(arguments: [1, 3]) func aPseudonymThatIsTakenIsDrawnAgain(_ rows: Int) async throws {
    final class Repeating: PseudonymGenerator {
      private let left = Mutex(4)

      func next() -> Pseudonym {
        let isTaken = left.withLock { left in
          left -= 1
          return left >= 0
        }
        let taken = Pseudonym("pseu_" + String(repeating: "T", count: 32))
        return isTaken ? taken ?? SecurePseudonyms().next() : SecurePseudonyms().next()
      }

      func next(_ count: Int) -> [Pseudonym] {
        [next()] + SecurePseudonyms().next(count - 1)
      }
    }
    let memory = try await MemoryVault { $0.pseudonyms = Repeating() }
    let model = ClinicModels().patient
    try await memory.vault.store.prepare([model])
    let documents: [Document] = (0...rows).map { number in
      [
        "_id": .objectID(ObjectID(high: 9, low: UInt32(number))), "name": "n",
        "email": .string("\(number)@example.org"), "diagnosis": .string("d\(number)"),
      ]
    }
    for part in [Array(documents.prefix(1)), Array(documents.dropFirst())] {
      let outcome = try await memory.vault.store.write(.insert(Insert(model, .documents(part))))
      #expect(outcome.failures.isEmpty && outcome.inserted == part.count)
    }
    let found = try await memory.vault.store.rows(for: Query(model)).documents
    #expect(found.map { $0["diagnosis"] } == documents.map { $0["diagnosis"] })
    let clinical = try await Clinic.raw("patients", in: memory.clinical)
    #expect(clinical.count == rows + 1)
    #expect(try await memory.vault.audit.verify().isValid)
  }
}
