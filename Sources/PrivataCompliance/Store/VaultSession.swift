internal import PrivataCore

/// The two stores as one operation sees them: the vault's own, or the transactions opened on them.
struct VaultSession: Sendable {
  let core: VaultCore
  let identity: any Store
  let clinical: any Store
  /// True inside a transaction, whose rows nobody else may see.
  let isTransaction: Bool

  /// The store of a half.
  func store(_ half: Half) -> any Store { half == .identity ? identity : clinical }

  /// How a model is divided.
  func separation(of model: ModelSchema) throws(PrivataError) -> Separation {
    try core.registry.separation(of: model)
  }
}
