import Foundation
import PrivataCore
import PrivataTesting
import Testing

@testable import PrivataMongo

/// What the tests of this driver share: the server of `PRIVATA_MONGO_URL`.
enum MongoTests {
  static let url = ProcessInfo.processInfo.environment["PRIVATA_MONGO_URL"] ?? "mongodb://127.0.0.1"

  /// The server's URL with options added.
  static func url(_ options: String) -> String {
    url + (url.contains("?") ? "&" : "?") + options
  }

  static func store(
    _ database: String = "mongo_driver_test", options: MongoOptions = MongoOptions()
  ) async throws -> MongoStore {
    try await MongoStore.open(url, database: database, options: options)
  }

  /// A document model with only `_id`, in a collection of that name.
  static func open(_ collection: String) -> ModelSchema {
    ModelSchema(
      name: "Item", collection: collection, fields: [FieldSchema("_id", .objectID)], isOpen: true)
  }
}

/// Keeps the commands that a store sends.
final class CommandRecorder: CommandObserver {
  private let lock = NSLock()
  nonisolated(unsafe) private var seen: [ObservedCommand] = []

  func willSend(_ command: ObservedCommand) {
    lock.withLock { seen.append(command) }
  }

  /// The commands so far, without what drivers add; the recorder starts anew.
  func take() -> [Document] {
    lock.withLock {
      defer { seen = [] }
      return seen.map(\.essentials)
    }
  }
}
