internal import CMongo
internal import Synchronization

/// The name by which the server knows a session.
struct SessionID: Hashable, Sendable {
  private let high: UInt64
  private let low: UInt64

  init?(_ session: OpaquePointer) {
    var bytes: (UInt64, UInt64) = (0, 0)
    let isKnown = withUnsafeMutableBytes(of: &bytes) { buffer in
      privata_session_id(session, buffer.baseAddress?.assumingMemoryBound(to: UInt8.self))
    }
    guard isKnown else { return nil }
    (high, low) = bytes
  }
}

/// The sessions that retryable writes of a pool have used.
///
/// The server wants the numbers of a session's writes and transactions to grow. This package numbers
/// retryable writes, libmongoc transactions; both take sessions from one pool. So writes count from
/// far above any transaction, and transactions leave the sessions of writes alone.
final class RetrySessions: Sendable {
  private let number = Atomic<Int64>(1 << 40)
  private let claimed = Mutex<Set<SessionID>>([])

  func nextNumber() -> Int64 { number.add(1, ordering: .relaxed).newValue }

  func claim(_ id: SessionID) { claimed.withLock { _ = $0.insert(id) } }

  func isClaimed(_ id: SessionID) -> Bool { claimed.withLock { $0.contains(id) } }
}
