import PrivataCore
import Testing

@Suite struct DocumentSorterTests {
  @Test func sortsAsMongoDBSorts() throws {
    let recorded = try RecordedCases("sort")
    let documents = recorded.documents("documents")
    var differences = Differences()
    for one in recorded.cases where one.contains("sort") {
      let sort = try #require(one["sort"]?.asDocument)
      let keys = sort.elements.map { SortKey($0.key, descending: $0.value.asInt == -1) }
      let found = outcome { () throws(PrivataError) in
        try DocumentSorter(keys).sorted(documents).map { $0["_id"] ?? .null }
      }
      differences.compared()
      if let difference = Self.difference(found, one["ids"], one["error"]) {
        differences.add("\(sort.json): \(difference)")
      }
    }
    differences.report(atLeast: 20)
  }

  @Test func tellsDistinctValuesAsMongoDBDoes() throws {
    let recorded = try RecordedCases("sort")
    var differences = Differences()
    for one in recorded.cases where one.contains("distinct") {
      let path = try #require(one["distinct"]?.asString)
      var values = try DistinctValues(path)
      for document in recorded.documents("documents") { values.add(document) }
      differences.compared()
      let order = ValueOrder()
      let found = values.values.map(order.key).sorted { Value.order($0, $1) < 0 }
      let wanted = (one["values"]?.asArray ?? []).map(order.key).sorted { Value.order($0, $1) < 0 }
      if found != wanted { differences.add("\(path): \(found.json), wanted \(wanted.json)") }
    }
    differences.report(atLeast: 5)
  }

  @Test func collatesAsMongoDBDoes() throws {
    let recorded = try RecordedCases("sort")
    let words: [Document] = (recorded.head["strings"]?.asArray ?? []).enumerated().map {
      ["_id": .int($0.offset), "s": $0.element]
    }
    var differences = Differences()
    for one in recorded.cases where one.contains("collation") {
      let collation = try #require(one["collation"]?.asDocument)
      let found = outcome { () throws(PrivataError) in
        guard let name = one["op"]?.asString else {
          let sorter = try DocumentSorter([SortKey("s"), SortKey("_id")], collation: collation)
          return try sorter.sorted(words).map { $0["_id"] ?? .null }
        }
        let filter: Document = [
          "s": .document(Document([.init(key: name, value: one["probe"] ?? .null)]))
        ]
        let matcher = try DocumentMatcher(filter, collation: collation)
        var ids: [Value] = []
        for word in words where try matcher.matches(word) { ids.append(word["_id"] ?? .null) }
        return ids
      }
      differences.compared()
      if let difference = Self.difference(found, one["order"] ?? one["ids"], one["error"]) {
        differences.add(
          "\(collation.json) \(one["op"]?.asString ?? "sort") \(one["probe"]?.asString ?? ""): \(difference)"
        )
      }
    }
    differences.report(atLeast: 100)
  }

  static func difference(
    _ found: Result<[Value], PrivataError>, _ wanted: Value?, _ error: Value?
  ) -> String? {
    switch (found, wanted, error) {
    case (.success(let ids), .array(let wanted)?, _):
      ids.map(\.asInt) == wanted.map(\.asInt) ? nil : "\(ids.json), wanted \(wanted.json)"
    case (.failure(let error), _, let wanted?):
      error.serverCode == wanted.asInt ? nil : "error \(error), wanted \(wanted.asInt ?? 0)"
    case (.failure(let error), _, nil): "threw \(error)"
    default: "did not throw \(error?.asInt ?? 0)"
    }
  }
}
