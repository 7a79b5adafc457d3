import MongoStyle
import PrivataCore
import ReplayKit

/// Replays one case and says how it differs from what was recorded.
struct CaseRunner {
  let bench: Bench
  /// True counts commands that differ from Mongoose's as failures.
  var comparesSent = false

  /// What came of a case.
  struct Outcome {
    /// The first difference, `nil` where the case holds.
    var difference: String?
    /// How the commands differ, `nil` where they are Mongoose's.
    var sentDifference: String?
  }

  func run(_ recorded: RecordedCase) async -> Outcome {
    let trace = HookTrace()
    do {
      let stage = try await bench.prepare(recorded, trace)
      let outcome: Outcome
      do {
        outcome = try await Rendering.$marksMaps.withValue(recorded.marksMaps) {
          try await run(recorded, stage, trace)
        }
      } catch {
        outcome = Outcome(difference: "the replay failed: \(Self.text(error))")
      }
      try await stage.clear()
      return outcome
    } catch {
      return Outcome(difference: "the models or the seed failed: \(Self.text(error))")
    }
  }

  private static func text(_ error: any Error) -> String {
    (error as? ReplayFailure)?.reason ?? RecordedError(error).summary
  }

  private func run(
    _ recorded: RecordedCase, _ stage: Stage, _ trace: HookTrace
  ) async throws -> Outcome {
    let flow = Flow(stage.connection, trace)
    trace.clear()
    bench.sent.clear()
    var answer = Answer()
    do {
      if let call = recorded.json["call"] {
        answer.result = try Rendering.rendered(try await flow.perform(call: call))
      } else {
        try await flow.run(recorded.json["steps"]?.elements ?? [])
        answer.result = .object(flow.recorded)
      }
    } catch let failure as ReplayFailure {
      throw failure
    } catch {
      answer.error = error
      if recorded.json["steps"] != nil { answer.result = .object(flow.recorded) }
    }
    let sent = bench.sent.all
    var check = CaseCheck(recorded: recorded, answer: answer, trace: trace.all)
    for name in stage.collections.keys.sorted() {
      check.stored.append((name, try await stage.documents(name)))
    }
    var outcome = Outcome(difference: try check.difference())
    outcome.sentDifference = check.sentDifference(sent)
    if comparesSent, outcome.difference == nil { outcome.difference = outcome.sentDifference }
    return outcome
  }
}

/// What a call or the steps came to.
struct Answer {
  var result: Thing?
  var error: (any Error)?
}

/// Compares one run with its record.
struct CaseCheck {
  let recorded: RecordedCase
  let answer: Answer
  let trace: [String]
  var stored: [(collection: String, documents: [Document])] = []
  private var comparison: AnswerComparison

  init(recorded: RecordedCase, answer: Answer, trace: [String]) {
    self.recorded = recorded
    self.answer = answer
    self.trace = trace
    var values = Comparison()
    values.ignored = recorded.ignored
    values.marksMaps = recorded.marksMaps
    comparison = AnswerComparison(values: values)
  }

  /// The first difference, `nil` where all is as recorded.
  mutating func difference() throws -> String? {
    if let found = try errorDifference() { return found }
    if let found = try resultDifference() { return found }
    if let found = traceDifference() { return found }
    for (name, documents) in stored {
      if let found = storedDifference(name, documents) { return found }
    }
    return try relationDifference()
  }

  private mutating func errorDifference() throws -> String? {
    switch (recorded.expected(of: "error"), answer.error) {
    case (nil, nil): return nil
    case (let expected?, let error?):
      return try comparison.difference(expected, error, at: "/expect/error")
    case (let expected?, nil):
      return "answered instead of failing with \(expected["name"]?.string ?? "?")"
    case (nil, let error?): return "failed: \(RecordedError(error).summary)"
    }
  }

  private mutating func resultDifference() throws -> String? {
    guard let expected = recorded.expected(of: "result") else { return nil }
    let result = answer.result ?? .undefined
    let path = "/expect/result"
    if recorded.expected(of: "unordered")?.isTrue ?? false {
      return comparison.values.unorderedDifference(
        expected.elements ?? [], try Rendering.rendered(result).plain, at: path)
    }
    return try comparison.difference(expected, result, at: path)
  }

  private func traceDifference() -> String? {
    guard let expected = recorded.expected(of: "trace")?.strings, expected != trace else {
      return nil
    }
    let index = zip(expected, trace).enumerated().first { $0.element.0 != $0.element.1 }?.offset
    let at = index ?? min(expected.count, trace.count)
    let wanted = expected.indices.contains(at) ? expected[at] : "the end"
    let got = trace.indices.contains(at) ? trace[at] : "the end"
    return "/expect/trace/\(at): expected \(wanted), got \(got)"
  }

  private mutating func storedDifference(_ name: String, _ documents: [Document]) -> String? {
    comparison.values.comparesNumberTypes = true
    let path = "/after/\(name)"
    guard let expected = recorded.expected(name) else {
      return documents.isEmpty ? nil : "\(path): \(documents.count) documents, expected none"
    }
    return comparison.values.difference(
      expected, .array(documents.map { .document($0) }), at: path)
  }

  // MARK: - Relations

  private func relationDifference() throws -> String? {
    for relation in recorded.expected(of: "relations")?.elements ?? [] {
      let parts = relation.strings
      guard parts.count == 3 else { continue }
      let left = try value(parts[0])
      let right = try value(parts[2])
      let order = Value.order(left, right)
      let holds = parts[1] == "==" ? order == 0 : parts[1] == "<" ? order < 0 : order > 0
      if !holds { return "/expect/relations: \(parts.joined(separator: " ")) does not hold" }
    }
    return nil
  }

  private func value(_ path: String) throws -> Value {
    var steps = path.split(separator: ".").map(String.init)
    guard !steps.isEmpty else { return .undefined }
    let root = steps.removeFirst()
    var thing = try Rendering.rendered(answer.result ?? .undefined)
    if root == "after" {
      thing = .object(
        stored.map {
          .init(key: $0.collection, thing: .value(.array($0.documents.map { .document($0) })))
        })
    }
    for step in steps { thing = try thing.member(step) }
    return thing.plain
  }

  // MARK: - Commands

  /// The first command that differs from Mongoose's.
  mutating func sentDifference(_ sent: [Document]) -> String? {
    let expected = recorded.expected(of: "sent")?.elements ?? []
    comparison.values.comparesNumberTypes = false
    for (index, command) in expected.enumerated() {
      guard sent.indices.contains(index) else { return "/expect/sent: \(sent.count) commands" }
      let path = "/expect/sent/\(index)"
      if let found = comparison.values.difference(command, .document(sent[index]), at: path) {
        return found
      }
    }
    return sent.count > expected.count ? "/expect/sent: \(sent.count) commands" : nil
  }
}
