/// SipHash-2-4 with 128 bits: a keyed function whose outputs tell nothing about short inputs to who
/// lacks the key, fast enough to run for each record that a query answers.
///
/// Source: Aumasson and Bernstein, "SipHash: a fast short-input PRF", and its 128-bit variant.
struct SipHash: Sendable {
  private let k0: UInt64
  private let k1: UInt64

  /// The function of a key of 16 bytes.
  init(key: [UInt8]) {
    precondition(key.count == 16, "SipHash takes a key of 16 bytes")
    k0 = Self.word(key[0..<8])
    k1 = Self.word(key[8..<16])
  }

  /// 16 bytes, as two little-endian integers.
  struct Output: Sendable, Hashable {
    let low: UInt64
    let high: UInt64
  }

  /// The output for bytes.
  func of(_ bytes: Span<UInt8>) -> Output {
    var state = State(k0, k1)
    var offset = 0
    while offset &+ 8 <= bytes.count {
      state.absorb(bytes.word(at: offset))
      offset &+= 8
    }
    let rest = Self.word(bytes, offset, bytes.count &- offset)
    state.absorb(rest | UInt64(bytes.count & 0xFF) << 56)
    return state.finish()
  }

  /// The function as it stands behind bytes that several inputs begin with.
  struct Start: Sendable {
    fileprivate var state: State
    /// The bytes that fill no word yet, and their number.
    fileprivate let rest: UInt64
    fileprivate let restCount: UInt64
    fileprivate let count: Int
  }

  /// Takes the bytes that several inputs begin with.
  func start(_ bytes: Span<UInt8>) -> Start {
    var state = State(k0, k1)
    var offset = 0
    while offset &+ 8 <= bytes.count {
      state.absorb(bytes.word(at: offset))
      offset &+= 8
    }
    let rest = Self.word(bytes, offset, bytes.count &- offset)
    return Start(
      state: state, rest: rest, restCount: UInt64(bytes.count &- offset), count: bytes.count)
  }

  /// The output for a beginning and an object id as BSON has it: the type's byte and twelve more.
  func of(objectID high: UInt64, _ low: UInt32, behind start: Start) -> Output {
    var state = start.state
    let head = high.byteSwapped
    let first = UInt64(0x07) | head << 8
    let second = head >> 56 | UInt64(low.byteSwapped) << 8
    let shift = 8 * start.restCount
    state.absorb(start.rest | first << shift)
    // Shifts by 64 answer zero: without a rest nothing is carried.
    var tail = first >> (64 - shift) | second << shift
    if start.restCount &+ 5 >= 8 {
      state.absorb(tail)
      tail = second >> (64 - shift)
    }
    state.absorb(tail | UInt64((start.count &+ 13) & 0xFF) << 56)
    return state.finish()
  }

  private static func word(_ bytes: ArraySlice<UInt8>) -> UInt64 {
    bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }

  @inline(__always)
  private static func word(_ bytes: Span<UInt8>, _ offset: Int, _ count: Int) -> UInt64 {
    var word: UInt64 = 0
    var index = 0
    while index < count {
      word |= UInt64(bytes[offset &+ index]) &<< UInt64(8 &* index)
      index &+= 1
    }
    return word
  }

  fileprivate struct State {
    var v0: UInt64
    var v1: UInt64
    var v2: UInt64
    var v3: UInt64

    init(_ k0: UInt64, _ k1: UInt64) {
      v0 = k0 ^ 0x736f_6d65_7073_6575
      v1 = k1 ^ 0x646f_7261_6e64_6f6d ^ 0xEE
      v2 = k0 ^ 0x6c79_6765_6e65_7261
      v3 = k1 ^ 0x7465_6462_7974_6573
    }

    @inline(__always)
    mutating func absorb(_ word: UInt64) {
      v3 ^= word
      round()
      round()
      v0 ^= word
    }

    mutating func finish() -> Output {
      v2 ^= 0xEE
      for _ in 0..<4 { round() }
      let low = v0 ^ v1 ^ v2 ^ v3
      v1 ^= 0xDD
      for _ in 0..<4 { round() }
      return Output(low: low, high: v0 ^ v1 ^ v2 ^ v3)
    }

    @inline(__always)
    private mutating func round() {
      v0 &+= v1
      v1 = v1 &<< 13 | v1 &>> 51
      v1 ^= v0
      v0 = v0 &<< 32 | v0 &>> 32
      v2 &+= v3
      v3 = v3 &<< 16 | v3 &>> 48
      v3 ^= v2
      v0 &+= v3
      v3 = v3 &<< 21 | v3 &>> 43
      v3 ^= v0
      v2 &+= v1
      v1 = v1 &<< 17 | v1 &>> 47
      v1 ^= v2
      v2 = v2 &<< 32 | v2 &>> 32
    }
  }
}
