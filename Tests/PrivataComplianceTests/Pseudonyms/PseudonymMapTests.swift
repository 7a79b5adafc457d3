import PrivataCore
import Testing

@testable import PrivataCompliance

@Suite struct PseudonymMapTests {
  fileprivate let person = PersonReference(target: "User", field: "_id", isArray: false)
  private let byEmail = PersonReference(target: "User", field: "email", isArray: false)

  @Test func answersInBothDirections() {
    let map = PseudonymMap(bound: 100)
    map.insert(.int32(1), "pseu_1", person)
    #expect(map.pseudonym(of: .int64(1), person) == "pseu_1")
    #expect(map.person("pseu_1", person) == .int32(1))
    #expect(map.pseudonym(of: "pseu_1", person) == nil && map.person("1", person) == nil)
    #expect(map.pseudonym(of: .int32(1), byEmail) == nil)
    let many = PersonReference(target: "User", field: "_id", isArray: true)
    #expect(map.pseudonym(of: .int32(1), many) == "pseu_1")
  }

  @Test(arguments: [4, 8, 1_000]) func forgetsAPersonOfAnyAgeByAnyName(_ bound: Int) {
    let map = PseudonymMap(bound: bound)
    for number in 0..<40 {
      map.insert(.int32(Int32(number)), "pseu_\(number)", person)
      map.insert(.string("\(number)@example.org"), "pseu_\(number)", byEmail)
      // Seen again later: an entry may be in both generations.
      map.insert(0, "pseu_0", person)
      let gone = "pseu_\(max(0, number - 1))"
      map.remove(pseudonyms: [gone])
      #expect(map.person(gone, person) == nil && map.person(gone, byEmail) == nil)
      #expect(map.pseudonym(of: .int32(Int32(max(0, number - 1))), person) == nil)
      #expect(map.pseudonym(of: .string("\(max(0, number - 1))@example.org"), byEmail) == nil)
      if number > 0, bound == 1_000 {
        #expect(map.person("pseu_\(number)", person) == .int32(Int32(number)))
      }
    }
  }

  @Test func aNewPseudonymOfAnIDStaysWhenTheOldOneGoes() {
    let map = PseudonymMap(bound: 100)
    map.insert(1, "pseu_old", person)
    map.insert(1, "pseu_new", person)
    map.remove(pseudonyms: ["pseu_old"])
    #expect(map.pseudonym(of: 1, person) == "pseu_new")
    #expect(map.person("pseu_old", person) == nil)
  }
}

extension PseudonymMapTests {
  @Test func aPairReadBeforeSomebodyWasForgottenIsNotAdded() {
    let map = PseudonymMap(bound: 100)
    let epoch = map.epoch
    map.remove(pseudonyms: ["pseu_gone"])
    map.insert(1, "pseu_gone", person, asOf: epoch)
    map.noteGuess(1, "pseu_gone", person, asOf: epoch)
    #expect(map.pseudonym(of: 1, person) == nil && map.guess(of: 1, person) == nil)
    map.noteGuess(1, "pseu_1", person, asOf: map.epoch)
    #expect(map.guess(of: 1, person) == "pseu_1")
    // A guess answers no translation.
    #expect(map.pseudonym(of: 1, person) == nil)
    map.remove(pseudonyms: ["pseu_1"])
    #expect(map.guess(of: 1, person) == nil)
  }

  @Test func everythingIsForgotten() {
    let map = PseudonymMap(bound: 100)
    let epoch = map.epoch
    map.insert(1, "pseu_1", person)
    map.noteGuess(2, "pseu_2", person, asOf: epoch)
    map.removeAll()
    #expect(map.pseudonym(of: 1, person) == nil && map.guess(of: 2, person) == nil)
    map.noteGuess(2, "pseu_2", person, asOf: epoch)
    #expect(map.guess(of: 2, person) == nil)
  }
}
