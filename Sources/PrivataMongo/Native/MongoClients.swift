internal import CMongo
import PrivataCore

/// libmongoc's pool of clients, which share what they know about the servers. Destroyed on a thread
/// of its own when the last connection has gone: saying goodbye to the servers can block.
final class MongoClients: @unchecked Sendable {
  // Safe: libmongoc's pool locks itself.
  let pool: OpaquePointer
  let address: MongoAddress
  let sessions = RetrySessions()
  private let observation: Observation?

  private static let closing = WorkerThreads(limit: 4, idleSeconds: 1)

  /// Opens a pool; no server is asked yet.
  ///
  /// - Throws: `badURL` where the URL's options contradict each other.
  init(_ address: MongoAddress, observer: (any CommandObserver)?) throws(PrivataError) {
    guard let pool = privata_pool_open(address.uri) else {
      throw PrivataError(.badURL, "the options of the MongoDB URL cannot be used together")
    }
    self.pool = pool
    self.address = address
    mongoc_client_pool_max_size(pool, UInt32(clamping: address.poolSize))
    observation = observer.map { Observation($0) }
    if let observation { privata_pool_observe(pool, observation.pointer) }
  }

  deinit {
    let leftover = Leftover(pool: pool, observation: observation)
    Self.closing.submit { leftover.destroy() }
  }

  private struct Leftover: @unchecked Sendable {
    // Safe: nobody else has the pool any more.
    let pool: OpaquePointer
    let observation: Observation?

    func destroy() {
      mongoc_client_pool_destroy(pool)
      // The observation lives up to here: destroying the pool sends `endSessions`.
      withExtendedLifetime(observation) {}
    }
  }
}

/// Hands libmongoc's events to an observer.
private final class Observation: @unchecked Sendable {
  // Safe: the memory is written once, before the pool knows it.
  let pointer: UnsafeMutablePointer<privata_observer>

  private final class Receiver: Sendable {
    let observer: any CommandObserver
    init(_ observer: any CommandObserver) { self.observer = observer }
  }

  init(_ observer: any CommandObserver) {
    pointer = .allocate(capacity: 1)
    let context = Unmanaged.passRetained(Receiver(observer)).toOpaque()
    pointer.initialize(
      to: privata_observer(
        started: { context, name, database, command, length in
          guard let context, let name, let database else { return }
          let bytes = Array(UnsafeBufferPointer(start: command, count: length))
          Unmanaged<Receiver>.fromOpaque(context).takeUnretainedValue().observer.willSend(
            ObservedCommand(
              name: String(cString: name), database: String(cString: database),
              document: Document(validated: bytes[...])))
        }, context: context))
  }

  deinit {
    if let context = pointer.pointee.context {
      Unmanaged<Receiver>.fromOpaque(context).release()
    }
    pointer.deallocate()
  }
}
