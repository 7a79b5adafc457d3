import Foundation
import PrivataCore
import Testing

/// The table of Mongoose's features, held against the recorded cases, the tests and the README.
@Suite struct FeatureTableTests {
  private struct Row {
    var id: String
    var status: String
    var reason: String?
    var stores: [String]
    var tests: [String]
    var unsupported: [String]
  }

  private let root: URL
  private let rows: [Row]
  private let cases: Set<String>
  private let functions: Set<String>

  init() throws {
    root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
    let table = try String(
      contentsOf: root.appending(path: "Compat/mongoose/features.json"), encoding: .utf8)
    rows = try (Value(extendedJSON: table).asArray ?? []).map { value in
      let row = value.asDocument ?? Document()
      let texts = { (key: String) in row[key]?.asArray?.compactMap(\.asString) ?? [] }
      return Row(
        id: row["id"]?.asString ?? "", status: row["status"]?.asString ?? "",
        reason: row["reason"]?.asString, stores: texts("stores"), tests: texts("tests"),
        unsupported: row["unsupported"]?.asDocument?.keys ?? [])
    }
    cases = try Self.caseIDs(root.appending(path: "Compat/mongoose/vectors.json"))
    functions = try Self.testFunctions(root.appending(path: "Tests/MongoStyleTests"))
  }

  /// The ids of the recorded cases, read as text: values of the cases need no parsing here.
  private static func caseIDs(_ file: URL) throws -> Set<String> {
    let text = try String(contentsOf: file, encoding: .utf8)
    return Set(
      text.matches(of: /"id":\s*"([^" ]+)",\s*"covers"/).map { String($0.output.1) })
  }

  /// Every test of the suites, as `Suite/function`.
  private static func testFunctions(_ folder: URL) throws -> Set<String> {
    var found: Set<String> = []
    let files = FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil)
    while let file = files?.nextObject() as? URL {
      guard file.pathExtension == "swift" else { continue }
      var suite = ""
      for line in try String(contentsOf: file, encoding: .utf8).split(separator: "\n") {
        if let match = line.firstMatch(of: /@Suite.*struct (\w+)/) {
          suite = String(match.output.1)
        }
        if let match = line.firstMatch(of: /func (\w+)\(/) {
          found.insert("\(suite)/\(match.output.1)")
        }
      }
    }
    return found
  }

  @Test func everyFeatureHasOneRow() {
    #expect(rows.count == 397)
    #expect(Set(rows.map(\.id)).count == rows.count)
    #expect(rows.allSatisfy { $0.id.hasPrefix("mongoose.") })
    #expect(cases.count > 1_200)
  }

  @Test func whatIsDoneIsProven() {
    for row in rows {
      switch row.status {
      case "done", "different":
        #expect(!row.tests.isEmpty, "\(row.id) names no test")
        #expect(!row.stores.isEmpty, "\(row.id) names no store")
      case "not applicable", "open": break
      default: Issue.record("\(row.id) has the status \(row.status)")
      }
      if row.status == "different" || row.status == "not applicable" {
        #expect(row.reason?.isEmpty == false, "\(row.id) gives no reason")
      }
    }
  }

  @Test func namedTestsExist() {
    for row in rows {
      for test in row.tests {
        if test.hasPrefix("vectors:") {
          #expect(cases.contains(String(test.dropFirst(8))), "\(row.id): no case \(test)")
        } else {
          #expect(functions.contains(test), "\(row.id): no test \(test)")
        }
      }
      for id in row.unsupported { #expect(cases.contains(id), "\(row.id): no case \(id)") }
    }
  }

  @Test func everyCaseProvesAFeature() {
    let named = Set(
      rows.flatMap(\.tests).filter { $0.hasPrefix("vectors:") }.map { $0.dropFirst(8) })
    let idle = cases.filter { !named.contains($0[...]) }
    #expect(idle.isEmpty, "\(idle.sorted())")
  }

  @Test func readmeHasTheCounts() throws {
    let count = { (status: String) in rows.count { $0.status == status } }
    let line =
      "| Mongoose | \(rows.count) | \(count("done")) | \(count("different")) "
      + "| \(count("not applicable")) | \(count("open")) |"
    let readme = try String(contentsOf: root.appending(path: "README.md"), encoding: .utf8)
    #expect(readme.contains(line), "README.md lacks the line: \(line)")
  }
}
