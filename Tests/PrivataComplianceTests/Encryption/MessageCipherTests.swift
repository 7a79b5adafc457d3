import Crypto
import Foundation
import TestSupport
import Testing

@testable import PrivataCompliance
@testable import PrivataCore

#if canImport(Glibc)
  import Glibc
#endif

@Suite struct MessageCipherTests {
  private let cipher = MessageCipher(SymmetricKey(data: [UInt8](repeating: 4, count: 32)))

  @Test(arguments: [0, 1, 15, 16, 17, 4_096]) func opensWhatItSealed(_ count: Int) throws {
    let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0) }
    let sealed = try cipher.seal(bytes, place: [1])
    #expect(sealed.count == count + MessageCipher.overhead)
    #expect(try cipher.open(sealed, place: [1]) == bytes)
    #expect(try cipher.seal(bytes, place: [1]) != sealed)
  }

  @Test func nothingElseOpens() throws {
    let sealed = try cipher.seal([1, 2, 3], place: [1])
    for place in sealed.indices {
      var changed = sealed
      changed[place] ^= 1
      let bytes = changed
      #expect(throws: PrivataError.self) { try cipher.open(bytes, place: [1]) }
    }
    for count in 0..<sealed.count {
      #expect(throws: PrivataError.self) {
        try cipher.open(Array(sealed.prefix(count)), place: [1])
      }
    }
    #expect(throws: PrivataError.self) { try cipher.open(sealed, place: [2]) }
    let other = MessageCipher(SymmetricKey(data: [UInt8](repeating: 5, count: 32)))
    #expect(throws: PrivataError.self) { try other.open(sealed, place: [1]) }
  }

  /// Each message has a key of its own, which the first half of the nonce alone decides.
  @Test func eachMessageHasAKey() {
    let a = [UInt8](repeating: 1, count: 12)
    let b = [UInt8](repeating: 1, count: 11) + [2]
    #expect(cipher.messageKey(a[...]) == cipher.messageKey(a[...]))
    #expect(cipher.messageKey(a[...]) != cipher.messageKey(b[...]))
  }

  /// No two nonces of the shared mode are the same, by a filter of 2^33 bits at full length:
  /// `PRIVATA_NONCES=100000000`.
  @Test func noncesDoNotRepeat() {
    let count =
      ProcessInfo.processInfo.environment["PRIVATA_NONCES"].flatMap(Int.init) ?? 1_000_000
    // Four places of 24 random bytes in a filter of 80 bits for each: one false hit in 10^6 or so.
    var words = 1 << 12
    while words * 64 < count * 80 { words *= 2 }
    var filter = [UInt64](repeating: 0, count: words)
    let mask = UInt64(words * 64 - 1)
    var hits = 0
    var left = count
    while left > 0 {
      let part = min(left, 40_000)
      let random = SecureBytes.random(24 * part)
      left -= part
      random.withUnsafeBytes { bytes in
        filter.withUnsafeMutableBufferPointer { filter in
          for index in 0..<part {
            let a = bytes.loadUnaligned(fromByteOffset: 24 * index, as: UInt64.self)
            let b = bytes.loadUnaligned(fromByteOffset: 24 * index + 8, as: UInt64.self)
            let c = bytes.loadUnaligned(fromByteOffset: 24 * index + 16, as: UInt64.self)
            var isThere = true
            for place in [a, b, c, a ^ (b &>> 17), b ^ (c &>> 23), c ^ (a &>> 29)] {
              let bit = place & mask
              let word = Int(bit >> 6)
              if filter[word] & (1 << (bit & 63)) == 0 {
                isThere = false
                filter[word] |= 1 << (bit & 63)
              }
            }
            if isThere { hits += 1 }
          }
        }
      }
    }
    // What a filter of that size says by chance; a generator that repeats itself says it for all.
    #expect(hits <= count / 10_000, "\(hits) of \(count)")
  }

  /// A process that was made by fork goes on with other random bytes than the one it came from.
  @Test func aForkHasItsOwnNonces() throws {
    typealias Fork = @convention(c) () -> Int32
    let symbol = try #require(dlsym(nil, "fork"))
    let fork = unsafeBitCast(symbol, to: Fork.self)
    _ = SecureBytes.random(24)
    var ends: [Int32] = [0, 0]
    try #require(pipe(&ends) == 0)
    let child = fork()
    if child == 0 {
      let bytes = SecureBytes.random(24)
      _ = bytes.withUnsafeBytes { write(ends[1], $0.baseAddress, 24) }
      _exit(0)
    }
    close(ends[1])
    let own = SecureBytes.random(24)
    var theirs = [UInt8](repeating: 0, count: 24)
    let count = theirs.withUnsafeMutableBytes { read(ends[0], $0.baseAddress, 24) }
    close(ends[0])
    var status: Int32 = 0
    waitpid(child, &status, 0)
    #expect(count == 24 && theirs != own && theirs != [UInt8](repeating: 0, count: 24))
  }
}
