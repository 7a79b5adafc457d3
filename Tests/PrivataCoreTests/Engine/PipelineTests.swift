import PrivataCore
import Testing

@Suite struct PipelineTests {
  @Test func answersWhatMongoDBAnswers() async throws {
    let recorded = try RecordedCases("pipeline")
    let orders = recorded.documents("orders")
    let customers = recorded.documents("customers")
    var differences = Differences()
    for one in recorded.cases {
      let stages = (one["pipeline"]?.asArray ?? []).compactMap(\.asDocument)
      let asked = (one["pipeline"]?.asArray ?? []).json
      differences.compared()
      do throws(PrivataError) {
        let pipeline = try Pipeline(stages)
        let found = try await pipeline.run(orders) { name in name == "customers" ? customers : [] }
        guard let wanted = one["results"]?.asArray?.compactMap(\.asDocument) else {
          differences.add("\(asked): did not throw \(one["error"]?.asInt ?? 0)")
          continue
        }
        if !Self.same(found, wanted, stages) {
          differences.add("\(asked): \(found.map(\.json)), wanted \(wanted.map(\.json))")
        }
      } catch {
        if error.serverCode != one["error"]?.asInt {
          differences.add(
            "\(asked): \(error.serverCode) \(error), wanted \(one["error"]?.asInt ?? 0)")
        }
      }
    }
    differences.report(atLeast: 150)
  }

  /// The same results; MongoDB's order of groups, and of what it adds to sets, is none.
  private static func same(_ found: [Document], _ wanted: [Document], _ stages: [Document]) -> Bool
  {
    var (a, b) = (found, wanted)
    if stages.last?.keys.first == "$group" {
      a = sorted(a.map(withSortedSets))
      b = sorted(b.map(withSortedSets))
    }
    return a.count == b.count && zip(a, b).allSatisfy { $0.isClose(to: $1) }
  }

  private static func sorted(_ documents: [Document]) -> [Document] {
    documents.sorted { Value.order($0["_id"] ?? .null, $1["_id"] ?? .null) < 0 }
  }

  private static func withSortedSets(_ document: Document) -> Document {
    var result = document
    if case .array(let items)? = document["s"] {
      result["s"] = .array(items.sorted { Value.order($0, $1) < 0 })
    }
    return result
  }
}
