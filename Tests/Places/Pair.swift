import Foundation
package import PrivataCompliance
package import PrivataCore

/// Two kinds of store for the halves, and whether one store holds both.
package struct Pair: Sendable, CustomStringConvertible {
  package let identity: Place.Engine
  package let clinical: Place.Engine
  package var isOne = false

  package init(identity: Place.Engine, clinical: Place.Engine, isOne: Bool = false) {
    self.identity = identity
    self.clinical = clinical
    self.isOne = isOne
  }

  package var description: String { isOne ? "\(identity) alone" : "\(identity) | \(clinical)" }

  package static let same = Place.Engine.allCases.map { Pair(identity: $0, clinical: $0) }
  package static let one = Place.Engine.allCases.map {
    Pair(identity: $0, clinical: $0, isOne: true)
  }
  package static let mixed = [
    Pair(identity: .postgres, clinical: .mongo), Pair(identity: .sqlite, clinical: .postgres),
    Pair(identity: .mongo, clinical: .sqlite),
  ]
  package static let all = same + one + mixed

  /// Runs with a vault over fresh places.
  package func withVault<R>(
    _ change: (inout VaultOptions) -> Void = { _ in },
    _ body: (Vault, (identity: Place, clinical: Place)) async throws -> R
  ) async throws -> R {
    let places = VaultPlaces(self)
    return try await places.removing {
      let vault = try await places.open(change)
      do {
        let result = try await body(vault, (places.identity, places.clinical))
        await vault.close()
        return result
      } catch {
        await vault.close()
        throw error
      }
    }
  }
}

/// The places of one vault, to open it again and again.
package struct VaultPlaces: Sendable {
  package let identity: Place
  package let clinical: Place
  /// The directory of the journal.
  package let directory: String
  private let isOne: Bool

  /// Fresh places.
  package init(_ pair: Pair) {
    identity = Place(pair.identity, "identity")
    clinical = pair.isOne ? identity : Place(pair.clinical, "clinical")
    directory = Place.folder + "/journal-\(UUID().uuidString)"
    isOne = pair.isOne
  }

  /// Opens the vault; `around` may put a store of its own before that of a place.
  package func open(
    _ change: (inout VaultOptions) -> Void = { _ in }, audit: StoreSource? = nil,
    around: (Place, StoreSource) -> StoreSource = { $1 }
  ) async throws -> Vault {
    var options = VaultOptions()
    options.journal.directory = directory
    options.journal.segmentBytes = 1 << 20
    options.masterKey = .bytes(Array(repeating: 9, count: 32))
    change(&options)
    return try await Vault(
      identity: around(identity, identity.source), clinical: around(clinical, clinical.source),
      audit: audit, options: options)
  }

  /// Runs, and removes the places however that ends.
  package func removing<R>(_ body: () async throws -> R) async throws -> R {
    do {
      let result = try await body()
      try await remove()
      return result
    } catch {
      try? await remove()
      throw error
    }
  }

  private func remove() async throws {
    try await identity.remove()
    if !isOne { try await clinical.remove() }
    try? FileManager.default.removeItem(atPath: directory)
  }
}
