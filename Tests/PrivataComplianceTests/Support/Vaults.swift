import Foundation
import PrivataCompliance
import PrivataCore
import PrivataTesting

/// A vault over two memory stores, whose raw rows a test can look at.
struct MemoryVault {
  let vault: Vault
  let identity: MemoryStore
  let clinical: MemoryStore
  let directory: String

  init(_ change: (inout VaultOptions) -> Void = { _ in }) async throws {
    identity = MemoryStore(name: "identity-\(UUID().uuidString)")
    clinical = MemoryStore(name: "clinical-\(UUID().uuidString)")
    directory = Folders.temporary()
    var options = Folders.options(directory)
    change(&options)
    vault = try await Vault(
      identity: .store(identity), clinical: .store(clinical), options: options)
  }
}

/// Directories of tests.
enum Folders {
  static func temporary() -> String {
    let url = FileManager.default.temporaryDirectory.appending(path: "privata-\(UUID().uuidString)")
    return url.path
  }

  static func options(_ directory: String) -> VaultOptions {
    var options = VaultOptions()
    options.journal.directory = directory
    options.journal.segmentBytes = 1 << 20
    options.journal.drainMilliseconds = 10_000
    options.masterKey = .bytes(Array(repeating: 7, count: 32))
    return options
  }
}
