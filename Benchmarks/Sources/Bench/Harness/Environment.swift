import CRawMongo
import CRawPostgres
import CRawSQLite
import Foundation

/// On what a run was measured, in one line.
enum Environment {
  static func line() -> String {
    var loads = [Double](repeating: 0, count: 3)
    getloadavg(&loads, 3)
    let load = loads.map { String(format: "%.2f", $0) }.joined(separator: " ")
    let cores = ProcessInfo.processInfo.activeProcessorCount
    let parts = [
      "\(cores) cores (\(processor))", "load average \(load)", kernel,
      "SQLite " + String(cString: sqlite3_libversion()), "libpq \(PQlibVersion() / 10_000)",
      "libmongoc " + String(cString: mongoc_get_version()),
      ISO8601DateFormatter().string(from: Date()),
    ]
    return parts.joined(separator: "; ")
  }

  private static var processor: String {
    let text = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
    let line = text.split(separator: "\n").first { $0.hasPrefix("model name") }
    return line?.split(separator: ":").last.map { $0.trimmingCharacters(in: .whitespaces) }
      ?? "unknown"
  }

  private static var kernel: String {
    var name = utsname()
    uname(&name)
    return withUnsafeBytes(of: name.release) { bytes in
      "Linux " + String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    }
  }
}
