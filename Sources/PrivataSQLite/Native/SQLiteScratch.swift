/// Memory that lends texts and bytes to SQLite for one run of a statement: one copy, no allocation
/// per parameter. What was lent stays where it is until the next run.
struct SQLiteScratch: ~Copyable {
  private var memory: UnsafeMutableRawBufferPointer
  private var used = 0
  /// Memory that became too small during this run.
  private var outgrown: [UnsafeMutableRawBufferPointer] = []

  init() { memory = .allocate(byteCount: 1024, alignment: 16) }

  deinit {
    memory.deallocate()
    for memory in outgrown { memory.deallocate() }
  }

  /// Takes back what was lent to the last run.
  @inline(__always)
  mutating func begin() {
    used = 0
    if !outgrown.isEmpty { dropOutgrown() }
  }

  private mutating func dropOutgrown() {
    for memory in outgrown { memory.deallocate() }
    outgrown = []
  }

  /// Copies bytes and answers where they are.
  @inline(__always)
  mutating func lend(_ bytes: UnsafeRawBufferPointer) -> UnsafeRawPointer {
    if bytes.count > memory.count - used { grow(bytes.count) }
    let start = UnsafeMutableRawPointer(memory.baseAddress!) + used
    if let source = bytes.baseAddress { start.copyMemory(from: source, byteCount: bytes.count) }
    used += bytes.count
    return UnsafeRawPointer(start)
  }

  private mutating func grow(_ count: Int) {
    outgrown.append(memory)
    memory = .allocate(byteCount: max(count, memory.count) * 2, alignment: 16)
    used = 0
  }
}
