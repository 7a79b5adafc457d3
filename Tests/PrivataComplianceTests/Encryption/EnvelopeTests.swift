import Foundation
import PrivataCore
import Testing

@testable import PrivataCompliance

@Suite struct EnvelopeTests {
  /// One vector of `Docs/envelope-vectors.json`.
  struct Vector: Codable, Sendable, CustomTestStringConvertible {
    var name: String
    var region: String
    var half: String
    var model: String
    var field: String
    var padding: Int
    var record: String
    var keyID: String
    var secret: String
    var nonce: String
    var value: String
    var associatedData: String
    var fieldKey: String
    var envelope: String
    var testDescription: String { name }
  }

  static let vectors: [Vector] = {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
    let file = root.appending(path: "Docs/envelope-vectors.json")
    guard let data = try? Data(contentsOf: file) else { return [] }
    return (try? JSONDecoder().decode([Vector].self, from: data)) ?? []
  }()

  @Test func thePublishedVectorsAreThere() { #expect(Self.vectors.count >= 4) }

  @Test(arguments: vectors)
  func sealsAsPublished(_ vector: Vector) throws {
    let (field, key, cipher) = try parts(vector)
    let record = try element(vector.record)
    let bound = AssociatedData.value(
      field, record: record, key: key.id, region: vector.region, half: cipher.half)
    #expect(Hexadecimal.text(bound) == vector.associatedData)
    let sealed = try cipher.seal(
      element(vector.value), field, record: record, key,
      nonce: #require(Hexadecimal.bytes(vector.nonce)))
    #expect(try Envelope(sealed[...]).text == vector.envelope)
  }

  @Test(arguments: vectors)
  func opensAsPublished(_ vector: Vector) throws {
    let (field, key, cipher) = try parts(vector)
    let envelope = try Envelope(text: vector.envelope)
    let value = try cipher.open(envelope, field, record: element(vector.record), key)
    #expect(try value == element(vector.value))
  }

  /// No byte of an envelope can be changed, and nothing can be cut off.
  @Test(arguments: vectors)
  func noByteCanChange(_ vector: Vector) throws {
    let (field, key, cipher) = try parts(vector)
    let bytes = try Envelope(text: vector.envelope).bytes
    let record = try element(vector.record)
    for index in bytes.indices {
      var changed = bytes
      changed[index] ^= 1
      let error = #expect(throws: PrivataError.self) {
        let envelope = try Envelope(changed[...])
        return try cipher.open(envelope, field, record: record, key)
      }
      #expect(error?.code == (index == 1 ? .unsupported : .tampered), "byte \(index)")
    }
    for count in 0..<bytes.count {
      #expect(throws: PrivataError.self) {
        let envelope = try Envelope(bytes[..<count])
        return try cipher.open(envelope, field, record: record, key)
      }
    }
  }

  @Test func noInputTraps() {
    var source = SystemRandomNumberGenerator()
    for _ in 0..<20_000 {
      var bytes = SecureBytes.random(Int.random(in: 0...80, using: &source))
      if Bool.random() { bytes.insert(contentsOf: [Envelope.magic, Envelope.aesGCM], at: 0) }
      _ = try? Envelope(bytes[...])
      _ = try? Envelope(text: String(decoding: bytes, as: UTF8.self))
    }
    for text in ["", "pv1.", "pv2.AAAA", "pv1.A", "pv1.*", "pv1.AB"] {
      #expect(throws: PrivataError.self) { try Envelope(text: text) }
    }
  }

  @Test(arguments: 0...40)
  func base64Comes(_ count: Int) {
    let bytes = SecureBytes.random(count)
    #expect(Base64URL.bytes(Base64URL.text(bytes)) == bytes)
    #expect(Hexadecimal.bytes(Hexadecimal.text(bytes)) == bytes)
  }

  @Test func badHexadecimalIsNone() {
    #expect(Hexadecimal.bytes("abc") == nil)
    #expect(Hexadecimal.bytes("zz") == nil)
    #expect(Hexadecimal.bytes("+1") == nil)
  }

  @Test(arguments: [0, 1, 15, 16, 17, 254, 255, 256, 257, 5_000])
  func paddingComesOff(_ count: Int) {
    var bytes = [UInt8](repeating: 0, count: count)
    Padding.fill(&bytes, to: 16)
    #expect(count + 1 > Padding.bound || bytes.count.isMultiple(of: 16))
    #expect(Array(Padding.removed(bytes)) == [UInt8](repeating: 0, count: count))
    #expect(Padding.removed([0, 0]).isEmpty)
  }

  @Test func tooLargeIsRefused() throws {
    let (field, key, cipher) = try parts(try #require(Self.vectors.first))
    let large = Value.string(String(repeating: "x", count: FieldCipher.largest))
    let error = #expect(throws: PrivataError.self) {
      try cipher.seal(large, field, record: 1, key)
    }
    #expect(error?.code == .badArgument)
  }

  @Test func aBadNonceIsRefused() throws {
    let (field, key, cipher) = try parts(try #require(Self.vectors.first))
    #expect(throws: PrivataError.self) {
      try cipher.seal("x", field, record: 1, key, nonce: [1])
    }
  }

  /// The same value under the same key: never the same bytes.
  @Test func noncesDiffer() throws {
    let (field, key, cipher) = try parts(try #require(Self.vectors.first))
    var seen: Set<[UInt8]> = []
    for _ in 0..<2_000 {
      let sealed = try cipher.seal("same", field, record: 1, key)
      #expect(seen.insert(Array(sealed[18..<30])).inserted)
    }
  }

  // MARK: -

  private func parts(_ vector: Vector) throws -> (SealedField, DataKey, FieldCipher) {
    let field = SealedField(
      name: vector.field, modelID: vector.model, fieldID: vector.field, type: .string,
      padding: vector.padding, tag: nil, nextTag: nil, bits: 0, normalisation: [])
    let key = DataKey(
      id: KeyID(try #require(Hexadecimal.bytes(vector.keyID))), version: 1,
      bytes: try #require(Hexadecimal.bytes(vector.secret)))
    let half = try #require(Half(rawValue: vector.half))
    return (field, key, FieldCipher(region: vector.region, half: half))
  }

  /// The value of a vector: Extended JSON under one key.
  private func element(_ json: String) throws -> Value {
    try #require(try Document(extendedJSON: "{\"v\": \(json)}")["v"])
  }
}
