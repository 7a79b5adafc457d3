import Foundation
import PrivataCore
import PrivataMongo
import PrivataPostgres
import PrivataTesting
import TestPlaces
import Testing

/// A record with a unique field, so that an open transaction would be in the way of another one.
private struct Slip: Model, Equatable {
  var number: Int
  var place: String

  struct Fields: Sendable {
    let number = Field<Slip, Int>("number", at: 0)
    let place = Field<Slip, String>("place", at: 1)
  }

  static let fields = Fields()
  static let schema = ModelSchema(
    name: "Slip", collection: "slips",
    fields: [
      FieldSchema("number", .int64, isOptional: false),
      FieldSchema("place", .string, isOptional: false, isUnique: true),
    ], primaryKey: ["number"])

  init(_ number: Int) {
    self.number = number
    place = "place \(number)"
  }

  init(from row: RowView) throws(PrivataError) {
    number = try row.decode(at: 0)
    place = try row.decode(at: 1)
  }

  func write(to row: inout RowWriter) throws(PrivataError) {
    row.append(number)
    row.append(place)
  }
}

/// Transactions whose tasks are cancelled, a thousand times.
@Suite(.serialized) struct CancellationTests {
  private let label = "privata-cancel-\(UInt32.random(in: 0 ... .max))"

  /// A store with two connections at most.
  private func source(_ place: Place) throws -> StoreSource {
    switch place.engine {
    case .sqlite: return place.source
    case .postgres:
      var options = PostgresOptions(schema: place.name, connections: 2)
      options.applicationName = label
      return .postgres(try Place.environment("PRIVATA_POSTGRES_URL"), options: options)
    case .mongo:
      let url = try Place.environment("PRIVATA_MONGO_URL")
      let mark = url.contains("?") ? "&" : url.hasSuffix("/") ? "?" : "/?"
      return .mongo(url + mark + "maxPoolSize=2", database: place.name)
    }
  }

  private func openTransactions() throws -> Int {
    let text = try Shell.run(
      "psql",
      [
        try Place.environment("PRIVATA_POSTGRES_URL"), "-Atc",
        "SELECT count(*) FROM pg_stat_activity WHERE application_name = '\(label)'"
          + " AND state LIKE 'idle in transaction%'",
      ])
    return Int(text.trimmingCharacters(in: .whitespacesAndNewlines)) ?? -1
  }

  /// The pool is full: two transactions run side by side again and again.
  private func usesBothConnections(_ slips: Records<Slip>) async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      for task in 0..<2 {
        group.addTask {
          for round in 0..<20 {
            try await slips.withTransaction { inner in
              #expect(try await inner.contains(id: round))
              try await inner.insert([Slip(10_000 + task * 100 + round)])
            }
          }
        }
      }
      try await group.waitForAll()
    }
    #expect(try await slips.find(\.number >= 10_000).count == 40)
  }

  @Test(arguments: Place.Engine.allCases)
  func aThousandLeaveNothingOpen(_ engine: Place.Engine) async throws {
    let place = Place(engine, "cancel")
    let store = try await source(place).open()
    let slips = Records<Slip>(in: store)
    try await slips.prepare()
    var committed = 0
    for round in 0..<1_000 {
      let task = Task {
        try await slips.withTransaction { inner in
          try await inner.insert([Slip(round)])
          try await Task.sleep(for: .seconds(30))
        }
      }
      // Cancelled before it begins, as it begins, and in the middle.
      switch round % 4 {
      case 0: break
      case 1: await Task.yield()
      case 2: try await Task.sleep(for: .microseconds(300))
      default: try await Task.sleep(for: .milliseconds(3))
      }
      task.cancel()
      if case .success = await task.result { committed += 1 }
    }
    #expect(committed == 0)
    #expect(try await slips.find(\.number >= 0) == [])
    if engine == .postgres { #expect(try openTransactions() == 0) }
    // An open transaction would hold its keys: all of them are free, at once.
    try await slips.insert((0..<1_000).map(Slip.init))
    try await usesBothConnections(slips)
    await (store as? any AdministrableStore)?.close()
    try await place.remove()
  }
}
