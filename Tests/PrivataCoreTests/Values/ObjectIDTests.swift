import Testing

@testable import PrivataCore

@Suite struct ObjectIDTests {
  @Test func readsAndWritesHexadecimal() throws {
    let id = try #require(ObjectID("60a0000000000000DEADbeef"))
    #expect(id.high == 0x60a0_0000_0000_0000)
    #expect(id.low == 0xDEAD_BEEF)
    #expect("\(id)" == "60a0000000000000deadbeef")
    #expect(id.bytes == [0x60, 0xa0, 0, 0, 0, 0, 0, 0, 0xDE, 0xAD, 0xBE, 0xEF])
    #expect(ObjectID(bytes: id.bytes) == id)
    #expect(id.createdAt.iso8601 == "2021-05-15T17:08:16.000Z")
  }

  @Test(arguments: [
    "", "60a0", "60a0000000000000deadbee", "60a0000000000000deadbeef0", "60a0000000000000deadbeeg",
    "60a0000000000000deadbee ", "０0a0000000000000deadbeef",
  ])
  func refusesOtherText(_ text: String) { #expect(ObjectID(text) == nil) }

  @Test(arguments: [0, 11, 13]) func refusesOtherCounts(_ count: Int) {
    #expect(ObjectID(bytes: [UInt8](repeating: 1, count: count)) == nil)
  }

  @Test func newOnesDifferAndSayWhenTheyWereMade() async {
    let ids = await withTaskGroup(of: [ObjectID].self) { group in
      for _ in 0..<8 { group.addTask { (0..<2000).map { _ in ObjectID() } } }
      return await group.reduce(into: []) { $0 += $1 }
    }
    #expect(Set(ids).count == 16_000)
    let now = DateTime.now.milliseconds
    #expect(ids.allSatisfy { abs($0.createdAt.milliseconds - now) < 60_000 })
    // The five bytes of the process are the same in all.
    #expect(Set(ids.map { $0.bytes[4..<9] }).count == 1)
  }

  @Test func ordersByItsBytes() {
    let ids = [ObjectID(high: 0, low: 1), ObjectID(high: 0, low: .max), ObjectID(high: 1, low: 0)]
    #expect(ids.shuffled().sorted() == ids)
  }
}

@Suite struct PseudonymTests {
  private static let letters = "8Fq2mXz0Lr5TnWc1Yb7Kd4Hs9Gv3Pj6A"

  @Test func takesItsFormAlone() {
    let text = "pseu_" + Self.letters
    #expect(Pseudonym(text)?.text == text)
    #expect(Pseudonym(letters: Array(Self.letters.utf8))?.text == text)
    for wrong in [
      "", Self.letters, "pseu_", text + "A", String(text.dropLast()), "psev_" + Self.letters,
      "pseu_" + Self.letters.dropLast() + "-", "pseu_" + Self.letters.dropLast() + "é",
    ] {
      #expect(Pseudonym(wrong) == nil, "\(wrong)")
    }
    #expect(Pseudonym(letters: Array("short".utf8)) == nil)
  }

  @Test func hidesItsLetters() throws {
    let pseudonym = try #require(Pseudonym("pseu_" + Self.letters))
    #expect("\(pseudonym)" == "pseu_…")
  }
}
