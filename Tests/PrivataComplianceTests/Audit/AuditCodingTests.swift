import PrivataCore
import TestSupport
import Testing

@testable import PrivataCompliance

@Suite struct AuditCodingTests {
  private let words = [
    "", "a", "näme", "x y", "\u{1F3E5}", String(repeating: "long", count: 90), "\n",
  ]

  private func context(_ random: inout SeededSource) -> AccessContext {
    func maybe() -> String? { random.chance(50) ? random.pick(words) : nil }
    var details = AccessDetails()
    details.traceID = maybe()
    details.legalBasis = maybe()
    details.onBehalfOf = random.chance(50) ? .user(random.pick(words)) : nil
    details.session = random.chance(50) ? AccessSession(idleSeconds: 60) : nil
    return AccessContext(
      actor: random.chance(50) ? .user(random.pick(words)) : .service(random.pick(words)),
      role: maybe(), purpose: maybe(), region: maybe(), requestID: maybe(),
      details: random.chance(70) ? details : nil)
  }

  private func event(_ random: inout SeededSource) -> (bytes: [UInt8], wanted: AuditEvent) {
    func maybe() -> String? { random.chance(50) ? random.pick(words) : nil }
    let context = context(&random)
    let fields = (0..<random.int(0...9)).map { _ in random.pick(words) }
    let filterFields = (0..<random.int(0...3)).map { _ in random.pick(words) }
    let references = RecordReferences(hash: SipHash(key: Array(repeating: 3, count: 16)))
    var result = AuditResult(
      count: random.int(0...Int(Int32.max)), outcome: random.pick([.success, .failed, .refused]))
    result.records = (0..<random.int(0...20)).map {
      references.reference(to: .int64(Int64($0)), of: "User")
    }
    result.errorCode = maybe()
    result.subjectOf = maybe()
    result.rule = maybe()
    let id = AuditEventID(high: random.next(), low: random.next())
    let at = Int64.random(in: 0...Int64.max, using: &random)
    let model = random.pick(words)
    let bytes = AuditCoding.event(
      id: id, nanoseconds: at, context: context.encoded,
      scope: AuditCoding.scope(
        .update, model: model, fields: fields, filterFields: filterFields), result: result)
    var wanted = AuditEvent(
      id: id, nanoseconds: at, actor: context.actor, action: .update, model: model,
      fields: fields, filterFields: filterFields, count: result.count, records: result.records,
      outcome: result.outcome, errorCode: result.errorCode)
    wanted.role = context.role
    wanted.purpose = context.purpose
    wanted.region = context.region
    wanted.requestID = context.requestID
    wanted.sessionID = context.details?.session?.id
    wanted.traceID = context.details?.traceID
    wanted.onBehalfOf = context.details?.onBehalfOf
    wanted.legalBasis = context.details?.legalBasis
    wanted.subjectOf = result.subjectOf
    wanted.rule = result.rule
    return (bytes, wanted)
  }

  @Test func everyEventComesBackFromItsBytes() throws {
    var random = SeededSource(7)
    for _ in 0..<100_000 {
      let (bytes, wanted) = event(&random)
      let found = try AuditEvent(bytes: bytes)
      try #require(found == wanted)
    }
  }

  /// What is cut or changed is another event or none; it never ends the process.
  @Test func changedBytesAreReadOrRefused() {
    var random = SeededSource(8)
    var refused = 0
    for _ in 0..<5_000 {
      var bytes = event(&random).bytes
      if random.chance(50) { bytes = Array(bytes.prefix(random.int(0...bytes.count))) }
      for _ in 0..<random.int(0...4) where !bytes.isEmpty {
        bytes[random.int(0...bytes.count - 1)] ^= UInt8(random.int(1...255))
      }
      if (try? AuditEvent(bytes: bytes)) == nil { refused += 1 }
    }
    #expect(refused > 1_000)
  }

  /// A later version may add tags; what knows none of them reads the rest.
  @Test func unknownTagsAreLeftAlone() throws {
    var random = SeededSource(9)
    let (bytes, wanted) = event(&random)
    var writer = ByteWriter()
    writer.append(contentsOf: bytes)
    writer.append(200)
    writer.append(text: "from the future")
    #expect(try AuditEvent(bytes: writer.bytes) == wanted)
  }
}
