package import PrivataCore
internal import Synchronization

extension Vault {
  /// What a style keeps with the vault, made at the first call and shared by all copies.
  package func attachment<Kept: Sendable>(_ make: () -> Kept) -> Kept {
    core.attachments.withLock { kept in
      let key = ObjectIdentifier(Kept.self)
      if let known = kept[key] as? Kept { return known }
      let made = make()
      kept[key] = made
      return made
    }
  }

  /// The vault's store without a caller's context: what is shared acts as the vault itself.
  package var serviceStore: any Store { store(for: nil) }

  /// True where the vault acts for somebody said with ``acting(as:)``.
  package var actsForSomebody: Bool { context != nil }
}
