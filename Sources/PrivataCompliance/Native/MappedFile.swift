internal import PrivataCore
internal import Synchronization

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#elseif canImport(Darwin)
  internal import Darwin
#endif

/// A file of fixed size, mapped into memory: what is stored in it belongs to the system at once and
/// survives the end of the process, however it ends.
///
/// The owner sees to it that no two callers write the same bytes at a time.
// Safe: the mapping lives as long as the object; offsets are checked, and published lengths are
// atomic.
final class MappedFile: @unchecked Sendable {
  let path: String
  let size: Int
  private let base: UnsafeMutableRawPointer
  private let descriptor: Int32

  /// Opens a file, or makes one of `size` bytes with its blocks set aside, so that a full disk is
  /// found here and not when a byte is stored.
  ///
  /// - Parameter name: the path that the file gets once its maker renames it.
  /// - Throws: `diskFull`, or `rejectedByStore` with the path and what the system said.
  init(
    path: String, size: Int, isNew: Bool, named name: String? = nil
  ) throws(PrivataError) {
    self.path = name ?? path
    let flags = isNew ? O_RDWR | O_CREAT | O_EXCL : O_RDWR
    descriptor = open(path, flags | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw FileError.failed("open", path) }
    do {
      self.size = isNew ? size : try Self.length(of: descriptor, path)
      if isNew { try Self.allocate(descriptor, size, path) }
      base = try Self.map(descriptor, self.size, path)
    } catch {
      Self.abandon(descriptor, isNew ? path : nil)
      throw error
    }
  }

  deinit {
    munmap(base, size)
    close(descriptor)
  }

  private static func abandon(_ descriptor: Int32, _ path: String?) {
    close(descriptor)
    if let path { unlink(path) }
  }

  private static func length(of descriptor: Int32, _ path: String) throws(PrivataError) -> Int {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw FileError.failed("read", path) }
    return Int(status.st_size)
  }

  private static func allocate(
    _ descriptor: Int32, _ size: Int, _ path: String
  ) throws(PrivataError) {
    #if canImport(Darwin)
      guard ftruncate(descriptor, off_t(size)) == 0 else { throw FileError.failed("extend", path) }
    #else
      let code = posix_fallocate(descriptor, 0, off_t(size))
      guard code == 0 else { throw FileError.failed("extend", path, code) }
    #endif
  }

  private static func map(
    _ descriptor: Int32, _ size: Int, _ path: String
  ) throws(PrivataError) -> UnsafeMutableRawPointer {
    guard size > 0,
      let base = mmap(nil, size, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0),
      base != MAP_FAILED
    else { throw FileError.failed("map", path) }
    return base
  }

  // MARK: - Bytes

  /// Stores bytes at an offset; false where they do not fit.
  @discardableResult
  func store(_ bytes: Span<UInt8>, at offset: Int) -> Bool {
    guard offset >= 0, bytes.count <= size - offset else { return false }
    bytes.withUnsafeBufferPointer { source in
      guard let start = source.baseAddress else { return }
      (base + offset).copyMemory(from: start, byteCount: source.count)
    }
    return true
  }

  /// Stores an integer at an offset in bounds.
  func store<T: FixedWidthInteger & BitwiseCopyable>(_ value: T, at offset: Int) {
    precondition(offset >= 0 && offset + MemoryLayout<T>.size <= size, "outside of the file")
    base.storeBytes(of: value.littleEndian, toByteOffset: offset, as: T.self)
  }

  /// Stores a 32-bit integer so that whoever sees it sees all that was stored before.
  func publish(_ value: UInt32, at offset: Int) {
    precondition(offset >= 0 && offset + 4 <= size && offset % 4 == 0, "outside of the file")
    let place = (base + offset).assumingMemoryBound(to: Atomic<UInt32>.self)
    place.pointee.store(value.littleEndian, ordering: .releasing)
  }

  /// The 32-bit integer that ``publish(_:at:)`` stored, and all before it.
  func published(at offset: Int) -> UInt32 {
    precondition(offset >= 0 && offset + 4 <= size && offset % 4 == 0, "outside of the file")
    let place = (base + offset).assumingMemoryBound(to: Atomic<UInt32>.self)
    return UInt32(littleEndian: place.pointee.load(ordering: .acquiring))
  }

  /// The integer at an offset in bounds.
  func load<T: FixedWidthInteger & BitwiseCopyable>(_ type: T.Type, at offset: Int) -> T {
    precondition(offset >= 0 && offset + MemoryLayout<T>.size <= size, "outside of the file")
    return T(littleEndian: base.loadUnaligned(fromByteOffset: offset, as: type))
  }

  /// A copy of a range, cut to what the file has.
  func bytes(_ range: Range<Int>) -> [UInt8] {
    let range = range.clamped(to: 0..<size)
    return [UInt8](UnsafeRawBufferPointer(start: base + range.lowerBound, count: range.count))
  }

  /// True where a range holds nothing but zeros.
  func isZero(_ range: Range<Int>) -> Bool {
    let range = range.clamped(to: 0..<size)
    return UnsafeRawBufferPointer(start: base + range.lowerBound, count: range.count)
      .allSatisfy { $0 == 0 }
  }

  /// Waits until what was stored is on the disk.
  func sync() throws(PrivataError) {
    guard msync(base, size, MS_SYNC) == 0 else { throw FileError.failed("sync", path) }
  }
}
