import PrismaStyle
import PrivataCore
import ReplayKit
import Synchronization

/// Counts the statements that a call sends.
final class StatementCounter: StatementObserver {
  private let sent = Mutex(0)

  var count: Int { sent.withLock { $0 } }

  func willSend(_ statement: StatementRecord) { sent.withLock { $0 += 1 } }
}

/// Replays one recorded case and says how it differs.
struct CaseRunner {
  let client: PrismaClient

  /// `nil` where the case holds.
  func failure(_ recorded: JSON) async -> String? {
    guard let call = recorded["call"], let expect = recorded["expect"] else {
      return "a case without call or expectation"
    }
    let sent = StatementCounter()
    do {
      let answer = try await StatementLog.$observer.withValue(sent) {
        try await Caller(client: client).answer(call)
      }
      if case .integer(let wanted)? = expect["statements"]?.kind, sent.count != Int(wanted) {
        return "expected \(wanted) statements, sent \(sent.count)"
      }
      guard let result = expect["result"] else { return "answered instead of failing" }
      var comparison = Comparison()
      comparison.ignoresExtraMembers = true
      let plain = Self.plain(answer)
      let found =
        expect["unordered"]?.isTrue == true
        ? comparison.unorderedDifference(result.elements ?? [], plain, at: "")
        : comparison.difference(result, plain, at: "")
      if let found { return found }
    } catch {
      if let found = Self.difference(expect["error"], error) { return found }
    }
    return await after(recorded["after"]?.elements ?? [])
  }

  private static func difference(_ expected: JSON?, _ error: any Error) -> String? {
    guard let expected else { return "failed: \(error)" }
    if let thrown = expected["thrown"]?.string {
      let text = (error as? Caller.Thrown)?.text
      return thrown == "*" || thrown == text ? nil : "threw \(error)"
    }
    let code = expected["code"]?.string
    let prisma = (error as? PrivataError)?.prisma
    guard prisma?.code == code else {
      return "expected \(code ?? "?"), got \(prisma?.code ?? "\(error)")"
    }
    guard let meta = expected["meta"] else { return nil }
    var comparison = Comparison()
    comparison.ignoresExtraMembers = true
    return comparison.difference(meta, .document(prisma?.meta ?? [:]), at: "/meta")
  }

  private func after(_ checks: [JSON]) async -> String? {
    for (index, check) in checks.enumerated() {
      do {
        let filter = try RecordedArguments.document(check["where"]?.members ?? [])
        let rows = try await client[check["model"]?.string ?? ""].findMany([
          "where": .document(filter), "orderBy": ["id": "asc"],
        ])
        var comparison = Comparison()
        comparison.ignoresExtraMembers = true
        let plain = Self.plain(.array(rows.map { .document($0) }))
        if let expected = check["rows"],
          let found = comparison.difference(expected, plain, at: "/after/\(index)")
        {
          return found
        }
      } catch {
        return "after: \(error)"
      }
    }
    return nil
  }

  /// Dates as ISO 8601 text and decimals as digits, as the recorded answers have them.
  private static func plain(_ value: Value) -> Value {
    switch value {
    case .date(let date): .string(date.iso8601)
    case .decimal(let decimal): .string(digits("\(decimal)"))
    case .array(let values): .array(values.map(plain))
    case .document(let document):
      .document(Document(document.elements.map { .init(key: $0.key, value: plain($0.value)) }))
    default: value
    }
  }

  private static func digits(_ text: String) -> String {
    guard text.contains("."), !text.contains("E") else { return text }
    let cut = text.reversed().drop { $0 == "0" }
    return String((cut.first == "." ? cut.dropFirst() : cut).reversed())
  }
}
