import MongoStyle
import PrivataCompliance
import PrivataCore
import PrivataMongo
import TestPlaces
import Testing

/// Databases that a newer version made: they are refused and left as they are.
@Suite(.serialized) struct NewerSchemaTests {
  /// MongoDB's collections have no layout of the library's: nothing there can be newer.
  @Test(arguments: [Place.Engine.sqlite, .postgres])
  func plain(_ engine: Place.Engine) async throws {
    let place = Place(engine, "newer")
    let before = try await opened(place) { clinic in
      try await clinic.fill()
      return try await clinic.contents()
    }
    try noteLayout(99, place)
    try await opened(place) { clinic in
      await isRefused("reading") { _ = try await clinic.people.find().exec() }
      await isRefused("writing") { _ = try await clinic.people.create(["name": "Canary"]) }
      await isRefused("preparing") { try await clinic.people.connection.prepare() }
    }
    try noteLayout(1, place)
    #expect(try await opened(place) { try await $0.contents() } == before)
    try await place.remove()
  }

  @Test(arguments: Setting.vaults, [true, false])
  func vault(_ setting: Setting, _ isIdentity: Bool) async throws {
    let places = VaultPlaces(try #require(setting.pair))
    let half = isIdentity ? places.identity : places.clinical
    try await places.removing {
      let before = try await opened(places) { clinic in
        try await clinic.fill()
        return try await clinic.contents()
      }
      try await noteVault(99, half)
      await isRefused("\(setting)") { try await places.open().close() }
      try await noteVault(1, half)
      #expect(try await opened(places) { try await $0.contents() } == before)
    }
  }

  /// Identity and clinical store mixed up would put names beside diagnoses.
  @Test(arguments: Setting.vaults) func swappedStores(_ setting: Setting) async throws {
    let places = VaultPlaces(try #require(setting.pair))
    try await places.removing {
      let before = try await opened(places) { clinic in
        try await clinic.fill()
        return try await clinic.contents()
      }
      let error = await #expect(throws: PrivataError.self) {
        try await places.open(around: { place, _ in
          (place.name == places.identity.name ? places.clinical : places.identity).source
        }).close()
      }
      expectTold(error, .badArgument, [], "\(setting)")
      #expect(try await opened(places) { try await $0.contents() } == before)
    }
  }

  // MARK: -

  private func isRefused(_ what: String, _ body: () async throws -> Void) async {
    let error = await #expect(throws: PrivataError.self) { try await body() }
    expectTold(error, .newerSchema, [], what)
    #expect(error?.message.contains("99") == true, "\(what)")
  }

  private func opened<R>(
    _ place: Place, _ body: (BadInputClinic) async throws -> R
  ) async throws -> R {
    let connection = MongoConnection(store: try await place.source.open())
    let result = try await body(try BadInputClinic(connection, [place]))
    await connection.close()
    return result
  }

  private func opened<R>(
    _ places: VaultPlaces, _ body: (BadInputClinic) async throws -> R
  ) async throws -> R {
    let vault = try await places.open()
    let clinic = try BadInputClinic(vault.mongo, [places.identity, places.clinical])
    let result = try await body(clinic)
    await vault.close()
    return result
  }

  private func noteLayout(_ version: Int, _ place: Place) throws {
    let table = place.engine == .sqlite ? "_privata_meta" : "\(place.name)._privata_meta"
    try RawContents.rows(
      place, "UPDATE \(table) SET \"value\" = '\(version)' WHERE \"key\" = 'layout'")
  }

  private func noteVault(_ version: Int, _ place: Place) async throws {
    guard place.engine == .mongo else {
      let table = place.engine == .sqlite ? "privata_vault" : "\(place.name).privata_vault"
      try RawContents.rows(place, "UPDATE \(table) SET layout = \(version)")
      return
    }
    let store = try #require(try await place.source.open() as? MongoStore)
    _ = try await store.runCommand([
      "update": "privata_vault",
      "updates": [
        ["q": [:], "u": ["$set": ["layout": .int64(Int64(version))]], "multi": true]
      ],
    ])
    await store.close()
  }
}
