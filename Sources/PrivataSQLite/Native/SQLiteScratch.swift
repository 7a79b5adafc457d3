/// Memory that lends texts and bytes to SQLite for one run of a statement: one copy, no allocation
/// per parameter. It stays where it is until the next run.
struct SQLiteScratch: ~Copyable {
  private var memory: UnsafeMutableRawBufferPointer
  private var used = 0

  init() { memory = .allocate(byteCount: 1024, alignment: 16) }

  deinit { memory.deallocate() }

  /// Makes room for all that the next run lends.
  mutating func begin(_ count: Int) {
    used = 0
    guard count > memory.count else { return }
    memory.deallocate()
    memory = .allocate(byteCount: count * 2, alignment: 16)
  }

  /// Copies bytes and answers where they are; room was made for them.
  mutating func lend(_ bytes: UnsafeRawBufferPointer) -> UnsafeRawPointer {
    let start = UnsafeMutableRawPointer(memory.baseAddress!) + used
    if let source = bytes.baseAddress { start.copyMemory(from: source, byteCount: bytes.count) }
    used += bytes.count
    return UnsafeRawPointer(start)
  }
}
