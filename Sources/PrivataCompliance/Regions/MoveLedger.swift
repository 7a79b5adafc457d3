internal import PrivataCore

/// Where moves of people to another region are kept until they are done: in the region that they
/// leave.
struct MoveLedger: Sendable {
  let core: VaultCore

  static let model = ModelSchema(
    name: "RegionMove", collection: "privata_moves",
    fields: [
      FieldSchema("_id", .string, isOptional: false),
      FieldSchema("model", .string, isOptional: false),
      FieldSchema("target", .string, isOptional: false),
      FieldSchema("isSwitched", .bool, isOptional: false),
      FieldSchema("sealed", .binary, isOptional: false),
    ])

  func prepare() async throws(PrivataError) { try await core.identityStore.prepare([Self.model]) }

  /// Writes down that a move begins; who and by what they are referred to is sealed.
  ///
  /// - Throws: `busy` where the person is being moved already.
  func open(_ move: VaultRegions.OpenMove) async throws(PrivataError) {
    let fence = move.fence
    let plan: Document = [
      "key": fence.key, "keyName": .string(fence.keyName),
      "targets": .document(Document(fence.targets.map { .init(key: $0.key, value: $0.value) })),
    ]
    var row = RowBatch(width: Self.model.fields.count)
    row.append(text: move.id)
    row.append(text: fence.model)
    row.append(text: move.to.name)
    row.append(bool: false)
    row.append(.bytes, bytes: try JournalSeal(core.keys).seal(plan.bson, id: move.id))
    let insert = Insert(Self.model, .cells(fields: Self.model.fields.map(\.name), row))
    let outcome = try await core.identityStore.write(.insert(insert))
    guard let failure = outcome.failures.first else { return }
    throw failure.error
  }

  /// Writes down that the target serves from now on.
  func setSwitched(_ id: String) async throws(PrivataError) {
    let update = Update(
      Self.model, where: .compare("_id", .equal, .string(id)),
      .assign([Assignment("isSwitched", true)]), layout: .cells)
    _ = try await core.identityStore.write(.update(update))
  }

  /// Forgets a move that is done or was undone.
  func remove(_ id: String) async throws(PrivataError) {
    let delete = Delete(Self.model, where: .compare("_id", .equal, .string(id)), layout: .cells)
    _ = try await core.identityStore.write(.delete(delete))
  }

  /// The moves out of the region that an earlier process left.
  func open(from region: Region) async throws(PrivataError) -> [VaultRegions.OpenMove] {
    let rows = try await core.identityStore.rows(for: Query(Self.model, layout: .cells))
    var moves: [VaultRegions.OpenMove] = []
    for row in 0..<rows.count {
      let text = { rows.value(row: row, column: $0)?.asString }
      guard let id = text(0), let model = text(1), let target = text(2),
        let sealed = rows.value(row: row, column: 4)?.asBytes
      else { continue }
      let plan = try Document(bson: try JournalSeal(core.keys).open(sealed, id: id))
      var targets: [String: Value] = [:]
      for element in plan["targets"]?.asDocument?.elements ?? [] {
        targets[element.key] = element.value
      }
      moves.append(
        .init(
          id: id, from: region, to: Region(target),
          fence: Fences.Fence(
            number: 0, model: model, key: plan["key"] ?? .null,
            keyName: plan["keyName"]?.asString ?? "", targets: targets),
          isSwitched: rows.value(row: row, column: 3)?.asBool ?? false))
    }
    return moves
  }
}
