import PrivataCore
import Testing

@Suite struct DocumentProjectorTests {
  @Test func showsWhatMongoDBShows() throws {
    let recorded = try RecordedCases("project")
    let documents = recorded.documents("documents")
    var differences = Differences()
    for one in recorded.cases {
      let projection = try #require(one["projection"]?.asDocument)
      let filter = one["filter"]?.asDocument ?? [:]
      let found = outcome { () throws(PrivataError) in
        let matcher = try DocumentMatcher(filter)
        let projector = try DocumentProjector(.document(projection), filter: filter)
        var results: [Document] = []
        for document in documents where try matcher.matches(document) {
          results.append(try projector.project(document))
        }
        return results
      }
      differences.compared()
      let asked = "\(projection.json) where \(filter.json)"
      switch (found, one["result"], one["error"]) {
      case (.success(let results), .array(let wanted)?, _):
        for (result, wanted) in zip(results, wanted.compactMap(\.asDocument))
        where result.bson != wanted.bson {
          differences.add("\(asked): \(result.json), wanted \(wanted.json)")
        }
        if results.count != wanted.count { differences.add("\(asked): \(results.count) results") }
      case (.failure(let error), _, let wanted?):
        if error.serverCode != wanted.asInt {
          differences.add(
            "\(asked): error \(error.serverCode) \(error), wanted \(wanted.asInt ?? 0)")
        }
      case (.failure(let error), _, nil): differences.add("\(asked): threw \(error)")
      default: differences.add("\(asked): did not throw \(one["error"]?.asInt ?? 0)")
      }
    }
    differences.report(atLeast: 100)
  }
}
