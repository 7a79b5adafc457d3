internal import PrivataCore

/// The row that each store of a vault carries: which half it holds, and in which layout. So a vault
/// of a newer version is not misread, and stores that were mixed up are found before a name is
/// written beside a diagnosis.
enum StoreMark {
  /// The layout that this library writes.
  static let layout: Int64 = 1

  private static let model = ModelSchema(
    name: "VaultHalf", collection: "privata_vault",
    fields: [
      FieldSchema("_id", .string, isOptional: false),
      FieldSchema("layout", .int64, isOptional: false),
    ])

  /// Checks both stores of a vault, then marks those that are new.
  ///
  /// - Throws: `newerSchema` for a layout of a newer version; `badArgument` for a store that was
  ///   given as the half that it does not hold.
  static func check(_ core: VaultCore) async throws(PrivataError) {
    let isIdentityNew = try await check(core.identityStore, .identity, core)
    let isClinicalNew = try await check(core.clinicalStore, .clinical, core)
    if isIdentityNew { try await mark(core.identityStore, .identity) }
    if isClinicalNew { try await mark(core.clinicalStore, .clinical) }
  }

  /// Answers whether a store has no mark of the half yet.
  private static func check(
    _ store: any Store, _ half: Half, _ core: VaultCore
  ) async throws(PrivataError) -> Bool {
    try await store.prepare([model])
    let query = Query(model, projection: .fields(["_id", "layout"]), layout: .cells)
    let rows = try await store.rows(for: query)
    var halves: Set<String> = []
    for row in 0..<rows.count {
      halves.insert(rows.value(row: row, column: 0)?.asString ?? "")
      guard let found = rows.value(row: row, column: 1)?.asInt, found > layout else { continue }
      throw PrivataError(
        .newerSchema,
        """
        the vault at \(store.traits.place) has layout \(found), this library knows layouts up to \
        \(layout): update the program
        """)
    }
    if halves.contains(half.rawValue) { return false }
    let other: Half = half == .identity ? .clinical : .identity
    guard core.isOneStore || !halves.contains(other.rawValue) else {
      throw PrivataError(
        .badArgument,
        """
        the store at \(store.traits.place) holds the \(other.rawValue) half of a vault and was given \
        as its \(half.rawValue) store: are the two mixed up?
        """)
    }
    return true
  }

  private static func mark(_ store: any Store, _ half: Half) async throws(PrivataError) {
    var rows = RowBatch(width: 2)
    rows.append(text: half.rawValue)
    rows.append(int64: layout)
    var insert = Insert(model, .cells(fields: ["_id", "layout"], rows))
    // Another process may open the vault for the first time too.
    insert.onConflict = .ignore(["_id"])
    _ = try await store.write(.insert(insert))
  }
}
