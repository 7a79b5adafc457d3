import Crypto
import PrivataCore
import Testing

@testable import PrivataCompliance

@Suite struct EncryptorTests {
  private let key = SymmetricKey(size: .bits256)

  private func encryptor(_ place: String, _ key: SymmetricKey? = nil) -> AESGCMEncryptor {
    AESGCMEncryptor(
      keyID: KeyID(Array(0..<16)), key: key ?? self.key, place: Array(place.utf8))
  }

  /// Code that knows the contract alone.
  private func sealedTwice<E: Encryptor>(
    _ encryptor: E, _ bytes: [UInt8]
  ) throws -> (E.Sealed, E.Sealed) {
    (try encryptor.seal(bytes.span), try encryptor.seal(bytes.span))
  }

  @Test(arguments: [[], [7], Array(repeating: 9, count: 5_000)] as [[UInt8]])
  func opensWhatItSealed(_ bytes: [UInt8]) throws {
    let (first, second) = try sealedTwice(encryptor("User.email"), bytes)
    #expect(first != second)
    #expect(first.ciphertext.count == bytes.count)
    #expect(try encryptor("User.email").open(first) == bytes)
    #expect(try encryptor("User.email").open(second) == bytes)
  }

  @Test func opensNothingOfAnotherPlaceOrKey() throws {
    let sealed = try encryptor("User.email").seal(Array("ada".utf8).span)
    for other in [encryptor("User.name"), encryptor("User.email", SymmetricKey(size: .bits256))] {
      let error = #expect(throws: PrivataError.self) { try other.open(sealed) }
      #expect(error?.code == .tampered)
    }
  }
}
