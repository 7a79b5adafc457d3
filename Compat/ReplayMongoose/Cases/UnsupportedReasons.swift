import Foundation
import PrivataCore
import ReplayKit

/// Why a store cannot replay cases that need an ability, as `features.json` states it.
struct UnsupportedReasons {
  /// By ability, then by store.
  private let reasons: [String: [String: String]]

  /// Reads the `unsupported` member of the features' file; none where there is no file.
  init(path: String) throws {
    guard FileManager.default.fileExists(atPath: path) else {
      reasons = [:]
      return
    }
    var found: [String: [String: String]] = [:]
    for need in try VectorFile(path: path).root["unsupported"]?.members ?? [] {
      for store in need.value.members ?? [] {
        found[need.key, default: [:]][store.key] = store.value.string
      }
    }
    reasons = found
  }

  /// The reason that a case with these needs cannot run on a store; `nil` where it can.
  func reason(_ needs: [String], on traits: StoreTraits) -> String? {
    needs.lazy.compactMap { need in
      reasons[need]?[traits.kind.rawValue].map { "\(need): \($0)" }
    }.first
  }
}
