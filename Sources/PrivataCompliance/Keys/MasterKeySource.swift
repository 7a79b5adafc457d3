internal import Crypto
internal import PrivataCore

/// Where the vault's secret comes from: 32 bytes from which the keys of the audit references, the
/// journal and the signatures are derived.
public enum MasterKeySource: Sendable {
  /// A file of 32 bytes, made with the first start where it is absent; `master.key` in the journal's
  /// directory where `nil`. Processes that share stores must share the file.
  case file(String?)
  /// A variable of the environment with 64 hexadecimal digits.
  case environment(String)
  /// The bytes themselves.
  case bytes([UInt8])
  /// A key service: the secret is kept, wrapped, as `master.wrapped` in the journal's directory.
  case service(any KeyManagementService)
}

extension MasterKeySource {
  /// Reads the secret.
  ///
  /// - Throws: `badArgument` where it is not 32 bytes long; it never repeats what it read.
  func load(directory: String) async throws(PrivataError) -> VaultKeys {
    switch self {
    case .service(let service): return try await Self.load(service, "\(directory)/master.wrapped")
    case .bytes(let bytes): return try Self.keys(bytes, "the master key")
    case .environment(let name):
      return try Self.keys(Self.hexadecimal(name), "the environment variable \(name)")
    case .file(let path):
      let path = path ?? "\(directory)/master.key"
      if let bytes = try FileSystem.read(path) { return try Self.keys(bytes, path) }
      let made = SymmetricKey(size: .bits256).withUnsafeBytes { Array($0) }
      if try FileSystem.create(path, made) { return try Self.keys(made, path) }
      // Another process made the file in between.
      return try Self.keys(FileSystem.read(path) ?? [], path)
    }
  }

  /// The service by which the keys of encrypted fields are wrapped.
  func service(_ keys: VaultKeys) -> any KeyManagementService {
    if case .service(let service) = self { return service }
    return DerivedKeyService(keys.root)
  }

  private static let context = Array("privata/1/master".utf8)

  private static func load(
    _ service: any KeyManagementService, _ path: String
  ) async throws(PrivataError) -> VaultKeys {
    if try FileSystem.read(path) == nil {
      let wrapped = try await service.wrap(SecureBytes.random(32), context: context)
      var bytes = ByteWriter()
      bytes.append(text: wrapped.rootID)
      bytes.append(block: wrapped.bytes)
      _ = try FileSystem.create(path, bytes.bytes)
    }
    var reader = ByteReader(try FileSystem.read(path) ?? [])
    let wrapped = WrappedKey(rootID: try reader.text(), bytes: try reader.block())
    return try keys(try await service.unwrap(wrapped, context: context), path)
  }

  private static func keys(_ bytes: [UInt8], _ place: String) throws(PrivataError) -> VaultKeys {
    guard bytes.count == 32 else {
      throw PrivataError(.badArgument, "\(place) holds no master key of 32 bytes")
    }
    return VaultKeys(master: bytes)
  }

  private static func hexadecimal(_ name: String) -> [UInt8] {
    let digits = Array((FileSystem.environment(name) ?? "").utf8)
    guard digits.count == 64 else { return [] }
    var bytes: [UInt8] = []
    for index in stride(from: 0, to: 64, by: 2) {
      let pair = String(decoding: digits[index...index + 1], as: UTF8.self)
      guard let byte = UInt8(pair, radix: 16) else { return [] }
      bytes.append(byte)
    }
    return bytes
  }
}
