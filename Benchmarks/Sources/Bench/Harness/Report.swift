import Foundation

/// The measurements as the table that people read and the JSON that tools read.
struct Report {
  var measurements: [Measurement] = []

  static let header =
    "| suite | style | store | op | raw ns | privata ns | ratio |\n|---|---|---|---|--:|--:|--:|"

  static func line(_ m: Measurement) -> String {
    let c = m.comparison
    let figures = [m.rawNanoseconds, m.privataNanoseconds].map { String(format: "%.0f", $0) }
    return "| \(c.suite) | \(c.style) | \(c.store) | \(c.op) | \(figures[0]) | \(figures[1]) | "
      + String(format: "%.2f", m.ratio) + " |"
  }

  /// Geometric mean of the ratios per suite, style and store.
  var summary: String {
    let groups = Dictionary(grouping: measurements) {
      "\($0.comparison.suite), \($0.comparison.style), \($0.comparison.store)"
    }
    return groups.keys.sorted().map { key in
      let logs = groups[key, default: []].map { log($0.ratio) }
      return "\(key): geometric mean "
        + String(format: "%.2f", exp(logs.reduce(0, +) / Double(logs.count)))
    }.joined(separator: "\n")
  }

  /// The form of `OUT=file.json`.
  var json: String {
    let rows = measurements.map { m in
      let c = m.comparison
      return "{\"suite\":\"\(c.suite)\",\"style\":\"\(c.style)\",\"store\":\"\(c.store)\","
        + "\"op\":\"\(c.op)\",\"raw_ns\":\(String(format: "%.0f", m.rawNanoseconds)),"
        + "\"privata_ns\":\(String(format: "%.0f", m.privataNanoseconds)),"
        + "\"ratio\":\(String(format: "%.4f", m.ratio)),\"rounds\":\(m.rounds)}"
    }
    return "[\n  " + rows.joined(separator: ",\n  ") + "\n]\n"
  }
}
