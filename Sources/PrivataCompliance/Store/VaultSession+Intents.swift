internal import PrivataCore
internal import Synchronization

/// An open entry of the journal; `nil` inside a transaction, which undoes by itself.
typealias OpenIntent = UInt64?

extension VaultSession {
  /// Writes to the journal that rows of both halves are about to come or go.
  func begin(_ separation: Separation, _ links: [String]) throws(PrivataError) -> OpenIntent {
    guard !isTransaction, separation.shape == .split else { return nil }
    let sequence = try core.intents.begin(.link(separation, links))
    KillPoint.reached("intent")
    return sequence
  }

  /// Closes an entry.
  func end(_ intent: OpenIntent) throws(PrivataError) {
    guard let intent else { return }
    try core.intents.end(intent)
  }

  /// Removes clinical rows whose identity row was not written. Where that fails too, the entry stays
  /// open, and the vault's own work or the next start does it.
  func undo(_ links: [String], _ separation: Separation, _ intent: OpenIntent) async {
    guard let leftovers = try? await isTransaction ? links : unlinked(links, separation),
      (try? await deleteClinical(leftovers, separation)) != nil
    else { return postpone(links, separation, intent) }
    try? end(intent)
  }

  /// Leaves to the vault's own work what cannot be finished now.
  func postpone(_ links: [String], _ separation: Separation, _ intent: OpenIntent) {
    guard let intent else { return }
    let pending = PendingLink(sequence: intent, link: LinkIntent(separation, links))
    core.pendingLinks.withLock { $0.append(pending) }
  }
}
