import PrivataCore
import ReplayKit

/// What the table of features says about cases that do not hold.
struct FeatureRows: Sendable {
  private struct Row: Sendable {
    var status: String
    var reason: String
  }

  private let rows: [String: Row]

  init(_ json: JSON) {
    var rows: [String: Row] = [:]
    for row in json.elements ?? [] {
      rows[row["id"]?.string ?? ""] = Row(
        status: row["status"]?.string ?? "", reason: row["reason"]?.string ?? "")
    }
    self.rows = rows
  }

  /// The stated reason for a case that does not hold: a feature that does not apply, or a recorded
  /// pitfall that is decided otherwise. What is open counts as failed.
  func reason(_ json: JSON, _ error: any Error) -> String? {
    let covered = json["covers"]?.elements?.compactMap { rows[$0.string ?? ""] } ?? []
    let isPitfall = json.has("pitfall")
    let found = covered.first { row in
      switch row.status {
      case "different": isPitfall || error is Unwritable
      case "not applicable": true
      default: false
      }
    }
    guard let found, !found.reason.isEmpty else { return nil }
    return found.reason
  }
}
