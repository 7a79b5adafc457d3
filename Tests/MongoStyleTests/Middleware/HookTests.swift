import MongoStyle
import PrivataCore
import Synchronization
import Testing

/// Notes what ran, in order.
final class Trace: Sendable {
  private let entries = Mutex<[String]>([])
  var all: [String] { entries.withLock { $0 } }
  func add(_ entry: String) { entries.withLock { $0.append(entry) } }
}

struct Refused: Error, Equatable {}

@Suite struct HookTests {
  let trace = Trace()

  private func schema() -> Schema {
    var pet: Schema = ["name": .string]
    let trace = trace
    pet.pre(.save) { _ in trace.add("pet pre save") }
    pet.post(.save) { _ in trace.add("pet post save") }
    var schema: Schema = ["name": .string(.required), "age": .number, "pets": [.document(pet)]]
    schema.pre(.validate) { _ in trace.add("pre validate") }
    schema.post(.validate) { _ in trace.add("post validate") }
    schema.pre(.save) { _ in trace.add("pre save") }
    schema.post(.save) { _ in trace.add("post save") }
    schema.onError(.save) { _, _ in trace.add("save failed") }
    schema.pre(query: .find) { query in
      trace.add("pre find")
      query.merge(["age": ["$gte": 18]])
    }
    schema.post(query: .find) { _, answer in
      if case .documents(let all) = answer { trace.add("post find \(all.count)") }
    }
    return schema
  }

  @Test func orderOfSaving() async throws {
    let User = try memory().model("User", schema())
    try await User.create(["name": "Ada", "pets": [["name": "Rex"]]])
    #expect(
      trace.all == [
        "pre validate", "post validate", "pet pre save", "pre save", "post save", "pet post save",
      ])
  }

  @Test func errorHandlersSeeFailures() async throws {
    let User = try memory().model("User", schema())
    let error = await thrown { try await User.create(["age": 3]) }
    #expect(error?.mongoName == "ValidationError")
    #expect(trace.all == ["pre validate", "save failed"])
  }

  @Test func queryHooksChangeTheQuery() async throws {
    let User = try memory().model("User", schema())
    try await User.create([["name": "Ada", "age": 36], ["name": "Tim", "age": 8]])
    let found = try await User.find().exec()
    #expect(found.map { $0.text("name") } == ["Ada"])
    #expect(trace.all.suffix(2) == ["pre find", "post find 1"])
    #expect(try await User.find().hooks(.none).exec().count == 2)
  }

  @Test func hooksMayRefuse() async throws {
    var schema: Schema = ["name": .string]
    schema.pre(.save) { _ in throw Refused() }
    let User = try memory().model("User", schema)
    let error = await thrown { try await User.create(["name": "Ada"]) }
    #expect(error is Refused)
    #expect(try await User.countDocuments().exec() == 0)
  }
}
