import PrivataCore
import Testing

@testable import PrivataCompliance

/// References made for many rows at once are those that are made for one key.
@Suite struct RecordReferenceTests {
  private let references = RecordReferences(hash: SipHash(key: Array(0..<16)))

  private static let ids = (0..<40).map {
    ObjectID(high: UInt64($0) &* 0x9E37_79B9_7F4A_7C15, low: UInt32($0) &* 0x85EB_CA77)
  }

  @Test(arguments: 0...20) func ofObjectIDsBehindANameOfAnyLength(_ length: Int) {
    let model = String(repeating: "m", count: length)
    var rows = RowBatch(width: 2)
    for id in Self.ids {
      rows.appendNull()
      rows.append(objectID: id)
    }
    let made = references.references(in: rows, column: 1, behind: RecordReferences.prefix(model))
    #expect(made == Self.ids.map { references.reference(to: .objectID($0), of: model) })
  }

  @Test func ofOtherKeysAndWithoutAKey() {
    var rows = RowBatch(width: 1)
    let keys: [Value] = [.int32(5), .int64(1 << 40), .string("key"), .double(2)]
    for key in keys { rows.append(key) }
    rows.appendMissing()
    let made = references.references(in: rows, column: 0, behind: RecordReferences.prefix("M"))
    #expect(made == keys.map { references.reference(to: $0, of: "M") })
  }

  @Test func ofDocuments() {
    var rows = RowBatch(width: 1)
    let keys: [Value?] = [.objectID(Self.ids[3]), .int32(7), nil, .string("x")]
    for key in keys {
      var document: Document = ["a": 1]
      if let key { document.append("_id", key) }
      rows.append(.document, bytes: document.bson)
    }
    let made = references.references(in: rows, key: "_id", behind: RecordReferences.prefix("M"))
    #expect(made == keys.compactMap { $0 }.map { references.reference(to: $0, of: "M") })
  }
}
