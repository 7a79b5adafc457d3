import MongoStyle
import PrivataCompliance
import PrivataCore
import TestPlaces
import Testing

/// The program ends while a store is away: the next start finishes what was begun, or undoes it, on
/// every pair of stores.
@Suite(.serialized) struct RestartTests {
  /// A change that stays half done, and what is to be found after the next start.
  struct Case: Sendable, CustomTestStringConvertible {
    let name: String
    let identity: Outage.Kind
    let clinical: Outage.Kind
    let change: @Sendable (BadInputClinic) async throws -> Void
    /// How many rows each store has.
    let people: Int
    let age: Int
    let weight: Double

    var testDescription: String { name }
  }

  static let cases = [
    Case(
      name: "an insert without its identity row", identity: .everything, clinical: .none,
      change: { _ = try await $0.people.create(["name": "Cy Canary", "diagnosis": "canary"]) },
      people: 2, age: 36, weight: 61.5),
    Case(
      name: "a delete without its identity row", identity: .writes, clinical: .none,
      change: { _ = try await $0.people.deleteOne(["age": 36]).exec() },
      people: 2, age: 36, weight: 61.5),
    Case(
      name: "a delete without its clinical row", identity: .none, clinical: .writes,
      change: { _ = try await $0.people.deleteOne(["name": "Bob Canary"]).exec() },
      people: 1, age: 36, weight: 61.5),
    Case(
      name: "a change between its two commits", identity: .commits, clinical: .none,
      change: {
        _ = try await $0.people.updateOne(["age": 36], ["$inc": ["age": 1, "weight": 1]]).exec()
      },
      people: 2, age: 37, weight: 62.5),
    Case(
      name: "a change whose commit was not answered", identity: .none, clinical: .answers,
      change: {
        _ = try await $0.people.updateOne(["age": 36], ["$inc": ["age": 1, "weight": 1]]).exec()
      },
      people: 2, age: 37, weight: 62.5),
    Case(
      name: "a change before its commits", identity: .none, clinical: .commits,
      change: {
        _ = try await $0.people.updateOne(["age": 36], ["$inc": ["age": 1, "weight": 1]]).exec()
      },
      people: 2, age: 36, weight: 61.5),
  ]

  @Test(arguments: Setting.vaults, cases)
  func isFinishedByTheNextStart(_ setting: Setting, _ one: Case) async throws {
    let places = VaultPlaces(try #require(setting.pair))
    try await places.removing {
      try await leaveHalfDone(one, places)
      let vault = try await places.open()
      let clinic = try BadInputClinic(vault.mongo, [places.identity, places.clinical])
      let ada = try await clinic.people.findById(BadInputClinic.ada).lean().exec()
      #expect(ada?["age"]?.asInt == one.age && ada?["weight"]?.asDouble == one.weight)
      for place in clinic.places {
        let count = try RawContents.count("people", in: place)
        #expect(count == one.people, "\(place.engine)")
      }
      await vault.close()
    }
  }

  private func leaveHalfDone(_ one: Case, _ places: VaultPlaces) async throws {
    let identity = Outage()
    let clinical = Outage()
    let vault = try await places.open(
      around: { place, source in
        (place.name == places.identity.name ? identity : clinical).before(source)
      })
    let clinic = try BadInputClinic(vault.mongo, [places.identity, places.clinical])
    try await clinic.fill()
    identity.set(one.identity)
    clinical.set(one.clinical)
    do {
      try await one.change(clinic)
      expectTold(nil, .connection, [], one.name)
    } catch { expectTold(error, .connection, [], one.name) }
    await vault.close()
  }
}
