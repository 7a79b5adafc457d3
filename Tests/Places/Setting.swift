package import PrivataCompliance
package import PrivataCore

/// Where models live: on a plain store, or in a vault over two of them.
package struct Setting: Sendable, CustomStringConvertible {
  /// The store of a plain connection.
  package var engine: Place.Engine?
  /// The stores of a vault.
  package var pair: Pair?

  /// Each store plain and as both halves of a vault, and one mixed vault.
  package static let all =
    Place.Engine.allCases.map { Setting(engine: $0) } + vaults
  package static let vaults =
    (Pair.same + [Pair(identity: .postgres, clinical: .mongo)]).map { Setting(pair: $0) }

  package var description: String {
    pair.map { "vault \($0)" } ?? "plain \(engine?.rawValue ?? "")"
  }

  /// Runs with the store, fresh, and the places behind it: one, or identity and clinical.
  package func withStore<R>(
    _ body: (any Store, Vault?, [Place]) async throws -> R
  ) async throws -> R {
    if let pair {
      return try await pair.withVault { vault, places in
        try await body(vault.store, vault, [places.identity, places.clinical])
      }
    }
    let place = Place(engine ?? .sqlite, "plain")
    let store = try await place.source.open()
    do {
      let result = try await body(store, nil, [place])
      await (store as? any AdministrableStore)?.close()
      try await place.remove()
      return result
    } catch {
      await (store as? any AdministrableStore)?.close()
      try? await place.remove()
      throw error
    }
  }
}
