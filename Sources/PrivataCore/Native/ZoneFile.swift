#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#elseif canImport(Darwin)
  internal import Darwin
#endif

/// The system's time zone database.
enum ZoneFile {
  private static let folders = [
    "/usr/share/zoneinfo/", "/usr/lib/zoneinfo/", "/usr/share/lib/zoneinfo/",
  ]
  private static let sizeLimit = 1 << 20

  /// The compiled rules of a zone such as `Europe/Berlin`; `nil` where the system has none.
  static func bytes(_ name: String) -> [UInt8]? {
    let isName = name.utf8.allSatisfy { byte in
      byte >= 48 && byte <= 57 || byte | 32 >= 97 && byte | 32 <= 122 || "/_+-".utf8.contains(byte)
    }
    guard isName, !name.isEmpty, !name.hasPrefix("/") else { return nil }
    for folder in folders {
      if let bytes = read(folder + name) { return bytes }
    }
    return nil
  }

  private static func read(_ path: String) -> [UInt8]? {
    guard let file = fopen(path, "rb") else { return nil }
    defer { fclose(file) }
    let bytes = [UInt8](unsafeUninitializedCapacity: sizeLimit) { buffer, count in
      count = fread(buffer.baseAddress, 1, sizeLimit, file)
    }
    return bytes.isEmpty ? nil : bytes
  }
}
