/// Runs comparisons round by round: raw and Privata take turns within each round, and which of them
/// goes first alternates.
public struct Runner: Sendable {
  /// How often both sides take their turns.
  public let rounds: Int
  /// The time that one side of one round takes at least.
  private var slice: Duration
  private let clock = ContinuousClock()

  /// The fewest rounds whose median says something.
  public static let fewestRounds = 7

  /// A runner of that many rounds, at least ``fewestRounds``, that spends about `seconds` on each
  /// comparison.
  public init(rounds: Int? = nil, seconds: Double? = nil) {
    let count = max(rounds ?? 9, Self.fewestRounds)
    self.rounds = count
    slice = seconds.map { .nanoseconds(Int64($0 * 1e9 / Double(2 * count))) } ?? .milliseconds(40)
  }

  /// Checks that both sides do the same, measures them, and checks again.
  ///
  /// - Throws: ``UnlikeWork``, and what the sides throw.
  public func measure(_ comparison: Comparison) async throws -> Measurement {
    try await comparison.check()
    let iterations = try await calibrate(comparison)
    var raw: [Double] = []
    var privata: [Double] = []
    for round in 0..<rounds {
      let order: [Comparison.Side] =
        round.isMultiple(of: 2) ? [.raw, .privata] : [.privata, .raw]
      for side in order {
        let taken = try await time(comparison, side, iterations) / Double(comparison.unit)
        if side == .raw { raw.append(taken) } else { privata.append(taken) }
      }
    }
    try await comparison.check()
    return Measurement(
      suite: comparison.suite, style: comparison.style, store: comparison.store,
      op: comparison.op, raw: raw.median, privata: privata.median,
      ratios: zip(privata, raw).map { $0 / $1 }.sorted())
  }

  /// Warms both sides up and chooses how many iterations fill a slice.
  private func calibrate(_ comparison: Comparison) async throws -> Int {
    let wanted = Self.nanoseconds(max(comparison.slice ?? .zero, slice))
    var iterations = 4.roundedUp(to: comparison.step)
    while true {
      let raw = try await time(comparison, .raw, iterations)
      let privata = try await time(comparison, .privata, iterations)
      let taken = min(raw, privata) * Double(iterations)
      if taken >= wanted / 4 || iterations >= 200_000 {
        let fitting = Double(iterations) * wanted / max(taken, 1)
        return max(1, Int(fitting)).roundedUp(to: comparison.step)
      }
      iterations *= 4
    }
  }

  /// Nanoseconds per iteration.
  private func time(
    _ comparison: Comparison, _ side: Comparison.Side, _ iterations: Int
  ) async throws -> Double {
    try await comparison.prepare(side, iterations)
    let work = comparison.work(side)
    let start = clock.now
    try await work(iterations)
    return Self.nanoseconds(clock.now - start) / Double(iterations)
  }

  private static func nanoseconds(_ duration: Duration) -> Double {
    let (seconds, attoseconds) = duration.components
    return Double(seconds) * 1e9 + Double(attoseconds) / 1e9
  }
}

extension Int {
  /// The smallest multiple of a step that is not less.
  func roundedUp(to step: Int) -> Int { (self + step - 1) / step * step }
}
