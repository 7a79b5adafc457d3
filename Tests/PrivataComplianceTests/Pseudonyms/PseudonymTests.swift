import Foundation
import PrivataCompliance
import PrivataCore
import Testing

@Suite struct PseudonymTests {
  @Test func areRandomAndWellFormed() {
    let made = (0..<20_000).map { _ in SecurePseudonyms().next().text }
    #expect(Set(made).count == made.count)
    for text in made.prefix(500) {
      #expect(text.wholeMatch(of: /pseu_[a-zA-Z0-9]{32}/) != nil)
    }
  }

  /// No two of many are the same: `PRIVATA_PSEUDONYMS=10000000` is the full run.
  @Test func manyAreUnique() {
    let wanted =
      ProcessInfo.processInfo.environment["PRIVATA_PSEUDONYMS"].flatMap(Int.init) ?? 100_000
    var seen = Set<UInt64>(minimumCapacity: wanted)
    var again = 0
    for _ in 0..<(wanted / 10_000) {
      for pseudonym in SecurePseudonyms().next(10_000) {
        // Of 32 letters, folded into 64 bits: of ten million, one pair in 370,000 meets by chance.
        let key = pseudonym.text.utf8.reduce(UInt64(0)) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
        if !seen.insert(key).inserted { again += 1 }
      }
    }
    #expect(again == 0 && seen.count == wanted)
  }

  /// Chi-square over the 62 symbols: 61 degrees of freedom, p = 0.001 at 100.9.
  @Test func favourNoSymbol() {
    var counts: [Character: Int] = [:]
    for _ in 0..<20_000 {
      for letter in SecurePseudonyms().next().text.dropFirst(5) { counts[letter, default: 0] += 1 }
    }
    let expected = Double(20_000 * 32) / 62
    let statistic = counts.values.reduce(0.0) {
      $0 + (Double($1) - expected) * (Double($1) - expected) / expected
    }
    #expect(counts.count == 62)
    #expect(statistic < 120)
  }

  @Test(arguments: [
    "", "pseu_", "pseu_abc123", "PSEU_" + String(repeating: "a", count: 32),
    "pseu_" + String(repeating: "a", count: 31), "pseu_" + String(repeating: "a", count: 33),
    "pseu_" + String(repeating: "a", count: 32) + "\n", "pseu_" + String(repeating: "ä", count: 16),
    "pseu_" + String(repeating: "а", count: 32), "pseu-" + String(repeating: "a", count: 32),
  ])
  func refusesOthers(_ text: String) { #expect(Pseudonym(text) == nil) }

  @Test func hidesItsLetters() throws {
    let pseudonym = try #require(Pseudonym("pseu_" + String(repeating: "a", count: 32)))
    #expect("\(pseudonym)" == "pseu_…")
  }
}

@Suite struct PseudonymsAtOnceTests {
  @Test(arguments: [0, 1, 2, 100, 1_000]) func manyAtOnceAreAsGood(_ count: Int) {
    let made = SecurePseudonyms().next(count).map(\.text)
    #expect(made.count == count && Set(made).count == count)
    for text in made { #expect(text.wholeMatch(of: /pseu_[a-zA-Z0-9]{32}/) != nil) }
    // Two calls share nothing.
    #expect(Set(SecurePseudonyms().next(count).map(\.text)).isDisjoint(with: made))
  }
}
