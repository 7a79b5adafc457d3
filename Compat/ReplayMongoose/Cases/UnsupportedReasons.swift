import Foundation
import PrivataCore
import ReplayKit

/// Why a case does not hold on a store, as its feature's row in `features.json` states it.
struct UnsupportedReasons {
  /// By case, then by store.
  private let reasons: [String: [String: String]]

  /// Reads the `unsupported` members of the rows; none where there is no file.
  init(path: String) throws {
    guard FileManager.default.fileExists(atPath: path) else {
      reasons = [:]
      return
    }
    var found: [String: [String: String]] = [:]
    for row in try VectorFile(path: path).root.elements ?? [] {
      for one in row["unsupported"]?.members ?? [] {
        for store in one.value.members ?? [] {
          found[one.key, default: [:]][store.key] = store.value.string
        }
      }
    }
    reasons = found
  }

  /// The reason that a case does not hold on a store; `nil` where it must.
  func reason(_ id: String, on traits: StoreTraits) -> String? {
    reasons[id]?[traits.kind.rawValue]
  }
}
