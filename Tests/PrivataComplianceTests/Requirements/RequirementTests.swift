import Foundation
import Testing

/// `Compat/compliance/features.json` says only what tests prove.
@Suite struct RequirementTests {
  struct Row: Decodable, Sendable {
    var id: String
    var tier: String
    var status: String
    var tests: [String]
    var missing: String?
  }

  static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()

  static func rows() throws -> [Row] {
    let file = root.appending(path: "Compat/compliance/features.json")
    return try JSONDecoder().decode([Row].self, from: Data(contentsOf: file))
  }

  /// Every test function of the package, as `Suite/function`.
  static func tests() throws -> Set<String> {
    let folder = root.appending(path: "Tests")
    let files = try #require(
      FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil))
    var names: Set<String> = []
    for case let file as URL in files where file.pathExtension == "swift" {
      let suite = file.deletingPathExtension().lastPathComponent
      let text = try String(contentsOf: file, encoding: .utf8)
      for match in text.matches(of: /@Test(?:(?!@Test)[\s\S])*?func ([A-Za-z0-9_]+)/) {
        names.insert("\(suite)/\(match.1)")
      }
    }
    return names
  }

  @Test func everyRequirementHasOneRow() throws {
    let rows = try Self.rows()
    #expect(rows.count == 256)
    #expect(Set(rows.map(\.id)).count == rows.count)
  }

  @Test func everyNamedTestIsThere() throws {
    let known = try Self.tests()
    for row in try Self.rows() {
      for test in row.tests { #expect(known.contains(test), "\(row.id) names \(test)") }
      switch row.status {
      case "done": #expect(!row.tests.isEmpty && row.missing == nil, "\(row.id)")
      case "partial": #expect(!row.tests.isEmpty && row.missing?.isEmpty == false, "\(row.id)")
      case "open": #expect(row.tests.isEmpty, "\(row.id)")
      default: Issue.record("\(row.id) has the status \(row.status)")
      }
    }
  }
}
