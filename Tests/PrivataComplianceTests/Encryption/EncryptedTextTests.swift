import Crypto
import Foundation
import PrivataCore
import TestSupport
import Testing

@testable import PrivataCompliance

@Suite struct EncryptedTextTests {
  private static let key = SymmetricKey(size: .bits256)
  private static let scalars: [ClosedRange<UInt32>] = [
    0...0x7F, 0x80...0x7FF, 0x800...0xD7FF, 0xE000...0xFFFF, 0x10000...0x10FFFF,
  ]

  private func encryptor(_ place: String, _ key: SymmetricKey = Self.key) -> AESGCMEncryptor {
    AESGCMEncryptor(keyID: KeyID(Array(0..<16)), key: key, place: Array(place.utf8))
  }

  private static func text(_ source: inout SeededSource) -> String {
    var text = ""
    for _ in 0..<source.int(0...6) {
      let range = source.pick(scalars)
      let number = UInt32.random(in: range, using: &source)
      if let scalar = Unicode.Scalar(number) { text.unicodeScalars.append(scalar) }
    }
    return text
  }

  @Test(arguments: ["", "\0", "a\0b", "Ada", "é", "e\u{301}", "👩‍👧‍👦", "\u{FEFF}x", "\u{10FFFF}"])
  func opensTheVerySameText(_ text: String) throws {
    let encryptor = encryptor("User.name")
    let (first, second) = (try encryptor.encrypt(text), try encryptor.encrypt(text))
    #expect(first != second && first.hasPrefix("pv1.") && first.allSatisfy(\.isASCII))
    for sealed in [first, second] {
      // Scalar by scalar: a text that only looks the same is another one.
      #expect(Array(try encryptor.decrypt(sealed).unicodeScalars) == Array(text.unicodeScalars))
    }
  }

  /// Random texts of every kind of sign: 40,000, or as many as PRIVATA_TEXTS says.
  @Test func randomTexts() async throws {
    let parts = 4
    let wanted = ProcessInfo.processInfo.environment["PRIVATA_TEXTS"].flatMap { Int($0) } ?? 40_000
    let failures = try await withThrowingTaskGroup(of: Int.self) { group in
      for part in 0..<parts {
        group.addTask {
          let encryptor = encryptor("User.name")
          var source = SeededSource(31 + part)
          var wrong = 0
          for _ in 0..<(wanted / parts) {
            let text = Self.text(&source)
            let sealed = try encryptor.encrypt(text)
            let opened = try encryptor.decrypt(sealed)
            if !opened.unicodeScalars.elementsEqual(text.unicodeScalars) { wrong += 1 }
          }
          return wrong
        }
      }
      return try await group.reduce(0, +)
    }
    #expect(failures == 0)
  }

  @Test func whatIsNotItsOwnDoesNotOpen() throws {
    let sealed = try encryptor("User.name").encrypt("Ada")
    func refusal(_ text: String, _ place: String = "User.name") -> (PrivataError.Code, String)? {
      do {
        _ = try encryptor(place).decrypt(text)
        return nil
      } catch {
        return (error.code, error.message)
      }
    }
    // Each kind of damage has words of its own.
    let foreign = refusal(sealed, "User.email")
    let cut = refusal(String(sealed.dropLast(60)))
    let none = refusal("Ada")
    let letters = Array(sealed)
    var changed = letters
    changed[40] = letters[40] == "A" ? "B" : "A"
    let tampered = refusal(String(changed))
    for found in [foreign, cut, none, tampered] { #expect(found?.0 == .tampered) }
    #expect(Set([foreign, cut, none].compactMap { $0?.1 }).count == 3)
    var algorithm = try Envelope(text: sealed).bytes
    algorithm[1] = 9
    #expect(refusal("pv1." + Base64URL.text(algorithm))?.0 == .unsupported)
    // Bytes that are no text are none, though they open.
    let bytes = try encryptor("User.name").seal(
      [0xED, 0xA0, 0x80] as [UInt8], nonce: Array(0..<12))
    #expect(refusal(bytes.text)?.0 == .tampered)
  }
}
