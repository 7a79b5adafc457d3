/// The outcome of a replay, printed for people and written as JSON for tools.
package struct ReplayReport {
  package var style: String
  package var store: String
  package var passed = 0
  package var failed: [(id: String, reason: String)] = []
  package var unsupported: [(id: String, reason: String)] = []

  package init(style: String, store: String) {
    self.style = style
    self.store = store
  }

  /// The number of cases.
  package var total: Int { passed + failed.count + unsupported.count }

  /// True where every case passed or is unsupported for a stated reason.
  package var holds: Bool { failed.isEmpty && total > 0 }

  /// The report of `OUT=file.json`.
  package var json: String {
    """
    {"style":"\(style)","store":"\(store)","total":\(total),"passed":\(passed),
     "failed":\(Self.list(failed)),
     "unsupported":\(Self.list(unsupported))}

    """
  }

  /// Counts, then the failures by group and each with its reason.
  package var text: String {
    let groups = Dictionary(grouping: failed) { $0.id.prefix { $0 != "." && $0 != "-" } }
    let lines = groups.keys.sorted().map { "  \($0): \(groups[$0]!.count) failed" }
    let each = failed.map { "  \($0.id): \($0.reason)" }
    return
      ([
        "\(style) on \(store): \(passed) of \(total) passed, \(failed.count) failed, "
          + "\(unsupported.count) unsupported"
      ] + lines + each).joined(separator: "\n")
  }

  private static func list(_ rows: [(id: String, reason: String)]) -> String {
    let items = rows.map { "{\"id\":\(quote($0.id)),\"reason\":\(quote($0.reason))}" }
    return "[" + items.joined(separator: ",\n  ") + "]"
  }

  private static func quote(_ text: String) -> String {
    var quoted = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"", "\\": quoted += "\\\(scalar)"
      case "\n": quoted += "\\n"
      case _ where scalar.value < 0x20: quoted += " "
      default: quoted.unicodeScalars.append(scalar)
      }
    }
    return quoted + "\""
  }
}
