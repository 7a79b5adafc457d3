#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#elseif canImport(Darwin)
  internal import Darwin
#endif

/// The system's secure generator, asked for many words at once.
struct BufferedGenerator: RandomNumberGenerator {
  private var words: [UInt64]
  private var system = SystemRandomNumberGenerator()

  /// A generator that has that many words at hand; further ones are asked for one by one.
  init(words count: Int) {
    words = Self.words(count)
  }

  mutating func next() -> UInt64 { words.popLast() ?? system.next() }

  private static func words(_ count: Int) -> [UInt64] {
    var words = [UInt64](repeating: 0, count: count)
    let isFilled = words.withUnsafeMutableBytes { bytes in
      #if canImport(Darwin)
        arc4random_buf(bytes.baseAddress, bytes.count)
        return true
      #else
        // The system gives at most 256 bytes a time.
        for start in stride(from: 0, to: bytes.count, by: 256) {
          let size = min(256, bytes.count - start)
          guard getentropy(bytes.baseAddress! + start, size) == 0 else { return false }
        }
        return true
      #endif
    }
    // A system that refuses is asked word by word, which ends the program where that fails too.
    return isFilled ? words : []
  }
}
