public import PrivataCore
internal import Synchronization

/// A session of an actor that ends by itself after a time without access: automatic log-off.
///
/// ```swift
/// let session = AccessSession(idleSeconds: 15 * 60)
/// details.session = session   // of the context of each request of the session
/// session.end()               // log-off
/// ```
///
/// Each access through a vault begins the time anew. A session that is over stays over: the next
/// access, and the next piece of a stream, throws `sessionExpired`.
///
/// - Privacy: with no session nothing can be read, from a cache neither.
///
/// Source: 45 CFR 164.312(a)(2)(iii).
public final class AccessSession: Sendable, Hashable {
  /// The session's own random number, by which the audit log names it.
  public let id = Hexadecimal.text(SecureBytes.random(8))
  /// The time without access after which the session is over.
  public let idleSeconds: Int
  private let last: Atomic<Int64>
  private let isOver = Atomic(false)
  private let clock: @Sendable () -> DateTime

  /// A session that begins now.
  public init(idleSeconds: Int, clock: @escaping @Sendable () -> DateTime = { .now }) {
    self.idleSeconds = idleSeconds
    self.clock = clock
    last = Atomic(clock().milliseconds)
  }

  /// Ends the session.
  public func end() { isOver.store(true, ordering: .relaxed) }

  /// True while accesses of the session are let through.
  public var isLive: Bool {
    let idle = clock().milliseconds - last.load(ordering: .relaxed)
    return !isOver.load(ordering: .relaxed) && idle < Int64(idleSeconds) * 1000
  }

  /// Begins the time anew.
  ///
  /// - Throws: `sessionExpired`.
  func touch() throws(PrivataError) {
    guard isLive else {
      end()
      throw PrivataError(.sessionExpired, "the session is over: log in again")
    }
    last.store(clock().milliseconds, ordering: .relaxed)
  }

  public static func == (a: AccessSession, b: AccessSession) -> Bool { a === b }

  public func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(self)) }
}
