import Foundation

/// The measurements as the table that people read and the JSON that tools read.
public struct Report: Sendable {
  public var measurements: [Measurement] = []

  public init() {}

  public static let header =
    """
    | suite | style | store | op | raw ns | privata ns | ratio | rounds' ratios |
    |---|---|---|---|--:|--:|--:|--:|
    """

  /// One line of the table, as measured.
  public static func line(_ m: Measurement) -> String {
    let times = [m.raw, m.privata].map { String(format: "%.0f", $0) }
    let range = [m.ratios.first ?? 0, m.ratios.last ?? 0].map { String(format: "%.2f", $0) }
    return "| \(m.suite) | \(m.style) | \(m.store) | \(m.op) | \(times[0]) | \(times[1]) | "
      + String(format: "%.2f", m.ratio) + " | \(range[0])–\(range[1]) |"
  }

  /// Geometric mean of the ratios per suite, style and store.
  public var summary: String {
    let groups = Dictionary(grouping: measurements) { "\($0.suite), \($0.style), \($0.store)" }
    return groups.keys.sorted().map { key in
      let logs = groups[key, default: []].map { log($0.ratio) }
      return "\(key): geometric mean "
        + String(format: "%.2f", exp(logs.reduce(0, +) / Double(logs.count)))
    }.joined(separator: "\n")
  }

  /// The form of `OUT=file.json`.
  public var json: String {
    let rows = measurements.map { m in
      "{\"suite\":\"\(m.suite)\",\"style\":\"\(m.style)\",\"store\":\"\(m.store)\","
        + "\"op\":\"\(m.op)\",\"raw_ns\":\(String(format: "%.1f", m.raw)),"
        + "\"privata_ns\":\(String(format: "%.1f", m.privata)),"
        + "\"ratio\":\(String(format: "%.4f", m.ratio)),\"rounds\":\(m.ratios.count)}"
    }
    return "[\n  " + rows.joined(separator: ",\n  ") + "\n]\n"
  }
}
