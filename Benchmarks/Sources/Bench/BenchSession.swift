import PrivataCore

/// The record whose `user` is populated: two of them per user.
struct BenchSession: Model, Equatable {
  var _id: ObjectID
  var user: ObjectID
  var minutes: Int
  var startedAt: DateTime

  struct Fields: Sendable {
    let _id = Field<BenchSession, ObjectID>("_id", at: 0)
    let user = Field<BenchSession, ObjectID>("user", at: 1)
    let minutes = Field<BenchSession, Int>("minutes", at: 2)
    let startedAt = Field<BenchSession, DateTime>("startedAt", at: 3)
  }

  static let fields = Fields()
  static let schema = ModelSchema(
    name: "BenchSession", collection: "bench_sessions",
    fields: [
      FieldSchema("_id", as: ObjectID.self),
      FieldSchema(
        "user", as: ObjectID.self, isIndexed: true, reference: Reference("BenchUser")),
      FieldSchema("minutes", as: Int.self, privacy: .phi),
      FieldSchema("startedAt", as: DateTime.self),
    ])
}

extension BenchSession {
  // As `@Model` writes it.
  init(from row: borrowing RowView) throws(PrivataError) {
    let cell0: ObjectID = try row.decode(at: 0)
    let cell1: ObjectID = try row.decode(at: 1)
    let cell2: Int = try row.decode(at: 2)
    let cell3: DateTime = try row.decode(at: 3)
    self._id = cell0
    self.user = cell1
    self.minutes = cell2
    self.startedAt = cell3
  }

  func write(to row: inout RowWriter) throws(PrivataError) {
    row.append(_id)
    row.append(user)
    row.append(minutes)
    row.append(startedAt)
  }

  /// The n-th of the sessions that make ten for each of the first users: eight besides their two.
  static func further(_ n: Int) -> BenchSession {
    BenchSession(
      _id: ObjectID(high: 0x60C0_0000_0000_0000, low: UInt32(n)), user: BenchUser.id(n / 8),
      minutes: 10 + n % 50, startedAt: DateTime(milliseconds: 1_700_000_500_000 + Int64(n)))
  }

  static func sample(_ n: Int) -> BenchSession {
    BenchSession(
      _id: ObjectID(high: 0x60B0_0000_0000_0000, low: UInt32(n)), user: BenchUser.id(n / 2),
      minutes: 10 + n % 50, startedAt: DateTime(milliseconds: 1_700_000_000_000 + Int64(n)))
  }
}
