internal import PrivataCore

/// A right to do something that one process does at a time: it ends by itself if its holder does.
struct Lease: Sendable {
  let store: any Store
  let name: String
  let holder: UInt64
  let seconds: Double

  static let model = ModelSchema(
    name: "Lease", collection: "privata_leases",
    fields: [
      FieldSchema("_id", .string, isOptional: false),
      FieldSchema("holder", .int64, isOptional: false),
      FieldSchema("until", .date, isOptional: false),
    ])

  /// Takes the lease, or holds it for longer; false where another process has it.
  func take(now: DateTime = .now) async throws(PrivataError) -> Bool {
    try await store.prepare([Self.model])
    let until = DateTime(milliseconds: now.milliseconds + Int64(seconds * 1_000))
    let mine = Value.int64(Int64(bitPattern: holder))
    let free = Filter.and([
      .compare("_id", .equal, .string(name)),
      .or([.compare("holder", .equal, mine), .compare("until", .less, .date(now))]),
    ])
    let update = Update(
      Self.model, where: free,
      .assign([Assignment("holder", mine), Assignment("until", .date(until))]), layout: .cells)
    if try await store.write(.update(update)).matched == 1 { return true }
    var row = RowBatch(width: 3)
    row.append(text: name)
    row.append(mine)
    row.append(date: until)
    let insert = Insert(
      Self.model, .cells(fields: Self.model.fields.map(\.name), row), onConflict: .ignore(["_id"]))
    return try await store.write(.insert(insert)).inserted == 1
  }

  /// Gives the lease back.
  func release() async throws(PrivataError) {
    let own = Filter.and([
      .compare("_id", .equal, .string(name)),
      .compare("holder", .equal, .int64(Int64(bitPattern: holder))),
    ])
    let update = Update(
      Self.model, where: own, .assign([Assignment("until", .date(DateTime(milliseconds: 0)))]),
      layout: .cells)
    _ = try await store.write(.update(update))
  }
}
