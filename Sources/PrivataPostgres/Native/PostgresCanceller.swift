internal import CPostgres

/// The right to end what runs on a connection; usable from any thread, also after the connection
/// is gone.
struct PostgresCanceller: ~Copyable, @unchecked Sendable {
  // Safe: libpq documents PQcancel as thread-safe, and this is the handle's only owner.
  private let handle: OpaquePointer

  init(_ handle: OpaquePointer) { self.handle = handle }

  deinit { PQfreeCancel(handle) }

  /// Sends the request and waits until the server has passed it on. Blocks: for threads of our own.
  consuming func cancel() {
    // The reason why it failed is of no use: the channel is given up when no answer comes.
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { reason in
      _ = PQcancel(handle, reason.baseAddress, 256)
    }
  }
}
