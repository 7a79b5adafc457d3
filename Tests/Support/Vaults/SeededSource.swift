/// Random choices that are the same on every run and machine.
public struct SeededSource: RandomNumberGenerator, Sendable {
  private var state: UInt64

  public init(_ seed: Int) { state = UInt64(bitPattern: Int64(seed)) &* 0x9E37_79B9_7F4A_7C15 | 1 }

  public mutating func next() -> UInt64 {
    state ^= state << 13
    state ^= state >> 7
    state ^= state << 17
    return state &* 0x2545_F491_4F6C_DD1D
  }

  public mutating func int(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &self) }
  public mutating func chance(_ percent: Int) -> Bool { int(1...100) <= percent }
  public mutating func pick<T>(_ values: [T]) -> T { values[int(0...values.count - 1)] }
}
