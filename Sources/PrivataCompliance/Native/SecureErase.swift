#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#elseif canImport(Darwin)
  internal import Darwin
#endif

extension SecureBytes {
  /// Overwrites bytes that were a key with zeros, in place; the compiler cannot leave it out.
  static func wipe(_ bytes: inout [UInt8]) {
    bytes.withUnsafeMutableBytes { buffer in
      guard let start = buffer.baseAddress else { return }
      #if canImport(Darwin)
        memset_s(start, buffer.count, 0, buffer.count)
      #else
        explicit_bzero(start, buffer.count)
      #endif
    }
  }
}
