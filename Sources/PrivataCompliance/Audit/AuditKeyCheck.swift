internal import Crypto
package import PrivataCore

/// Refuses a master key that is not the log's: events that it signs would make the log look changed.
package enum AuditKeyCheck {
  /// Looks at a log before a vault is opened over it.
  ///
  /// - Throws: `unknownKey` where the log has heads and none of them is signed by the key; what
  ///   opening the store throws.
  package static func check(
    _ source: StoreSource, _ masterKey: MasterKeySource
  ) async throws(PrivataError) {
    let keys = try await masterKey.load(directory: "")
    let store = try await source.open()
    do {
      try await check(store, Binary(Array(keys.signing.publicKey.rawRepresentation)))
    } catch {
      await (store as? any AdministrableStore)?.close()
      throw error
    }
    await (store as? any AdministrableStore)?.close()
  }

  private static func check(_ store: any Store, _ key: Binary) async throws(PrivataError) {
    try await store.prepare([AuditModels.checkpoints])
    guard try await !hasHead(.compare("key", .equal, .binary(key)), store),
      try await hasHead(.all, store)
    else { return }
    throw PrivataError(
      .unknownKey,
      """
      the audit log at \(store.traits.place) was signed with another master key: nothing was read or \
      written
      """)
  }

  private static func hasHead(
    _ filter: Filter, _ store: any Store
  ) async throws(PrivataError) -> Bool {
    let query = Query(AuditModels.checkpoints, where: filter, answer: .exists, layout: .cells)
    return try await store.rows(for: query).value(row: 0, column: 0)?.asBool ?? false
  }
}
