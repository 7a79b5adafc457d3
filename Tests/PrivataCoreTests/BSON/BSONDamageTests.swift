import Testing

@testable import PrivataCore

/// Damaged bytes by a seeded generator: nothing traps, and what reads can be written.
@Suite struct BSONDamageTests {
  static let rounds = 100_000

  @Test func mutatedBSONIsReadOrRefused() throws {
    var random = SeededRandom(1)
    let original = try BSONRoundTripTests.every.encoded()
    var refused = 0
    for _ in 0..<Self.rounds {
      let bytes = mutate(original, &random)
      walk(Document(validated: bytes[...]))
      guard let document = try? Document(bson: bytes) else {
        refused += 1
        continue
      }
      let again = try Document(document.elements).encoded()
      let value = try Document(bson: again)
      #expect(try Document(value.elements).encoded() == again)
      #expect(document.extendedJSON(.canonical).isEmpty == false)
    }
    // Most mutations hit a length, a type or a terminator; some only change a value.
    #expect((Self.rounds / 10..<Self.rounds).contains(refused))
  }

  @Test func mutatedJSONIsReadOrRefused() throws {
    var random = SeededRandom(2)
    let original = Array(BSONRoundTripTests.every.extendedJSON(.canonical).utf8)
    for _ in 0..<Self.rounds / 10 {
      let bytes = mutate(original, &random)
      guard let json = try? JSON(parsing: bytes) else { continue }
      guard let value = try? ExtendedJSONReader.value(of: json, depth: 0) else { continue }
      let text = value.extendedJSON(.canonical)
      #expect(try Value(extendedJSON: text).extendedJSON(.canonical) == text)
    }
  }

  @Test func randomBytesDoNotTrap() {
    var random = SeededRandom(3)
    for _ in 0..<Self.rounds {
      var bytes = (0..<Int.random(in: 0...64, using: &random)).map { _ in
        UInt8.random(in: 0...255, using: &random)
      }
      if bytes.count >= 5 {
        bytes.replaceSubrange(0..<4, with: [UInt8(bytes.count), 0, 0, 0])
        bytes[bytes.count - 1] = 0
      }
      walk(Document(validated: bytes[...]))
      walk(
        Document(["v": BSONReader.value(ofElement: bytes[...])].map { .init(key: $0, value: $1) }))
      _ = try? Document(bson: bytes)
    }
  }

  @Test func endlesslyNestedArraysDoNotUseUpTheStack() {
    var bytes: [UInt8] = []
    let levels = 200_000
    for level in 0..<levels {
      let length = UInt32((levels - level) * 7 + 5 + level)
      withUnsafeBytes(of: length.littleEndian) { bytes += $0 }
      bytes += [4, 0]
    }
    bytes += [5, 0, 0, 0, 0] + Array(repeating: 0, count: levels)
    #expect(throws: PrivataError.self) { try Document(bson: bytes) }
    #expect(Document(validated: bytes[...]).count <= 1)
  }

  private func walk(_ document: Document) {
    for element in document.elements { walk(element.value) }
    _ = document["scoped"]
    _ = document.bson
  }

  private func walk(_ value: Value) {
    switch value {
    case .document(let document): walk(document)
    case .array(let values): values.forEach(walk)
    case .code(_, let scope?): walk(scope)
    default: break
    }
  }

  private func mutate(_ original: [UInt8], _ random: inout SeededRandom) -> [UInt8] {
    var bytes = original
    for _ in 0..<Int.random(in: 1...3, using: &random) where bytes.count > 1 {
      let index = Int.random(in: 0..<bytes.count, using: &random)
      switch Int.random(in: 0..<5, using: &random) {
      case 0: bytes[index] ^= 1 << UInt8.random(in: 0...7, using: &random)
      case 1: bytes[index] = UInt8.random(in: 0...255, using: &random)
      case 2: bytes.remove(at: index)
      case 3: bytes.insert(0, at: index)
      default: bytes.removeLast(min(index, 8))
      }
    }
    if Bool.random(using: &random), bytes.count < 65_536 {
      bytes.replaceSubrange(
        0..<min(4, bytes.count), with: [UInt8(bytes.count & 255), UInt8(bytes.count >> 8), 0, 0])
    }
    return bytes
  }
}
