import Foundation
import PrivataCore
import Testing

/// What a MongoDB 6.0.5 server answered, written down by Scripts/record_engine_cases.py.
struct RecordedCases {
  let head: Document
  let cases: [Document]

  /// Reads the recording of that name.
  init(_ name: String) throws {
    let file = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "Recorded/\(name).json")
    let all = try Document(extendedJSON: String(contentsOf: file, encoding: .utf8))
    head = try #require(all["head"]?.asDocument)
    cases = try #require(all["cases"]?.asArray).compactMap(\.asDocument)
  }

  /// The documents of the head's list.
  func documents(_ name: String) -> [Document] {
    head[name]?.asArray?.compactMap(\.asDocument) ?? []
  }
}

/// Collects what differs, and shows the first of it in one issue.
struct Differences {
  private var found: [String] = []
  private var count = 0

  mutating func compared() { count += 1 }

  mutating func add(_ what: String) { found.append(what) }

  /// Reports the differences; a recording without cases is one too.
  func report(atLeast least: Int, sourceLocation: SourceLocation = #_sourceLocation) {
    #expect(count >= least, "too few cases were compared", sourceLocation: sourceLocation)
    if !found.isEmpty {
      let shown = found.prefix(Int(ProcessInfo.processInfo.environment["SHOW"] ?? "") ?? 20)
      Issue.record(
        "\(found.count) of \(count) differ:\n\(shown.joined(separator: "\n"))",
        sourceLocation: sourceLocation)
    }
  }
}

extension PrivataError {
  /// The number of MongoDB's error; 0 where there is none.
  var serverCode: Int { (underlying as? ServerError)?.code ?? 0 }
}

extension Document {
  var json: String { extendedJSON(.relaxed) }
}

extension [Value] {
  var json: String { Value.array(self).extendedJSON(.relaxed) }
}

/// The value, or the error, of a body.
func outcome<R>(_ body: () throws(PrivataError) -> R) -> Result<R, PrivataError> {
  do throws(PrivataError) { return .success(try body()) } catch { return .failure(error) }
}
