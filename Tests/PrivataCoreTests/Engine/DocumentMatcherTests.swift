import PrivataCore
import Testing

@Suite struct DocumentMatcherTests {
  @Test func findsWhatMongoDBFinds() throws {
    let recorded = try RecordedCases("find")
    let documents = recorded.documents("documents")
    let strings: [Document] = (recorded.head["strings"]?.asArray ?? []).enumerated().map {
      ["_id": .int($0.offset), "s": $0.element]
    }
    var differences = Differences()
    for one in recorded.cases {
      let filter = try #require(one["filter"]?.asDocument)
      let subjects = one.contains("on") ? strings : documents
      let found = outcome { () throws(PrivataError) in
        let matcher = try DocumentMatcher(filter)
        var ids: [Value] = []
        for document in subjects where try matcher.matches(document) {
          ids.append(document["_id"] ?? .null)
        }
        return ids
      }
      differences.compared()
      switch (found, one["ids"], one["error"]) {
      case (.success(let ids), .array(let wanted)?, _):
        if ids.map(\.asInt) != wanted.map(\.asInt) {
          let extra = ids.filter { !wanted.contains($0) }.json
          let lost = wanted.filter { !ids.contains($0) }.json
          differences.add("\(filter.json): also found \(extra), not \(lost)")
        }
      case (.failure(let error), _, let wanted?):
        if error.serverCode != wanted.asInt {
          differences.add("\(filter.json): error \(error.serverCode), wanted \(wanted.asInt ?? 0)")
        }
      case (.failure(let error), _, nil): differences.add("\(filter.json): threw \(error)")
      default: differences.add("\(filter.json): did not throw \(one["error"]?.asInt ?? 0)")
      }
    }
    differences.report(atLeast: 1000)
  }
}
