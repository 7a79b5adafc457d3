import Foundation
import PrivataCore
import Testing

/// The tables of Prisma's and Drizzle's features, held against their recorded cases and the README.
@Suite struct FeatureTablesTests {
  private struct Table {
    var rows: [Document]
    var cases: Set<String>

    init(_ style: String, in root: URL) throws {
      let folder = root.appending(path: "Compat/\(style)")
      let text = try String(contentsOf: folder.appending(path: "features.json"), encoding: .utf8)
      rows = try (Value(extendedJSON: text).asArray ?? []).compactMap(\.asDocument)
      let recorded = try String(contentsOf: folder.appending(path: "vectors.json"), encoding: .utf8)
      cases = Set(recorded.matches(of: /"id":\s*"([^" ]+)"/).map { String($0.output.1) })
    }

    func count(_ statuses: String...) -> Int {
      rows.count { statuses.contains($0["status"]?.asString ?? "") }
    }
  }

  private static let root = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()

  @Test(arguments: ["prisma", "drizzle"]) func whatIsDoneIsProven(_ style: String) throws {
    let table = try Table(style, in: Self.root)
    #expect(table.rows.count > 300 && table.cases.count > 200)
    #expect(Set(table.rows.map { $0["id"] }).count == table.rows.count)
    for row in table.rows {
      let id = row["id"]?.asString ?? ""
      let tests = row["tests"]?.asArray?.compactMap(\.asString) ?? []
      let status = row["status"]?.asString ?? ""
      #expect(
        ["done", "different", "not applicable", "partial", "open"].contains(status), "\(id)")
      if status == "done" { #expect(!tests.isEmpty, "\(id) names no case") }
      if status == "different" || status == "not applicable" {
        #expect(row["reason"]?.asString?.isEmpty == false, "\(id) gives no reason")
      }
      for test in tests {
        let name = test.hasPrefix("vectors:") ? String(test.dropFirst(8)) : test
        #expect(table.cases.contains(name), "\(id): no case \(test)")
      }
    }
  }

  @Test(arguments: [("prisma", "Prisma"), ("drizzle", "Drizzle")])
  func readmeHasTheCounts(_ style: String, _ name: String) throws {
    let table = try Table(style, in: Self.root)
    let line =
      "| \(name) | \(table.rows.count) | \(table.count("done")) | \(table.count("different")) "
      + "| \(table.count("not applicable")) | \(table.count("open", "partial")) |"
    let readme = try String(contentsOf: Self.root.appending(path: "README.md"), encoding: .utf8)
    #expect(readme.contains(line), "README.md lacks the line: \(line)")
  }
}
