import PrivataCore
import PrivataMongo
import Synchronization

/// Keeps the commands that MongoDB receives.
final class SentCommands: CommandObserver {
  private let commands = Mutex<[Document]>([])

  private static let silent: Set<String> = [
    "getMore", "killCursors", "endSessions", "commitTransaction", "abortTransaction", "hello",
    "ping", "listCollections", "listIndexes", "create", "createIndexes", "drop",
  ]

  var all: [Document] { commands.withLock { $0 } }

  func clear() { commands.withLock { $0 = [] } }

  func willSend(_ command: ObservedCommand) {
    guard !Self.silent.contains(command.name) else { return }
    commands.withLock { $0.append(command.essentials) }
  }
}
