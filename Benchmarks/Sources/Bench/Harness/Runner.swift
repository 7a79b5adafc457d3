/// Runs comparisons round by round: raw and Privata take turns within each round, and which of them
/// goes first alternates.
struct Runner {
  let rounds = 9
  /// The time that one side of one round takes at least.
  private var slice: Duration = .milliseconds(40)
  private let clock = ContinuousClock()

  /// A runner that spends about that long on each comparison.
  init(seconds: Double?) {
    if let seconds { slice = .milliseconds(Int64(seconds * 1000 / Double(2 * rounds))) }
  }

  func measure(_ comparison: Comparison) async throws -> Measurement {
    let iterations = try await calibrate(comparison)
    var raw: [Double] = []
    var privata: [Double] = []
    for round in 0..<rounds {
      for side in round.isMultiple(of: 2)
        ? [.raw, .privata] : [.privata, .raw] as [Comparison.Side]
      {
        let nanoseconds = try await time(comparison, side, iterations)
        if side == .raw { raw.append(nanoseconds) } else { privata.append(nanoseconds) }
      }
    }
    return Measurement(
      comparison: comparison, rawNanoseconds: median(raw), privataNanoseconds: median(privata),
      ratio: median(zip(privata, raw).map { $0 / $1 }), rounds: rounds)
  }

  /// Warms both sides up and chooses how many iterations fill a slice.
  private func calibrate(_ comparison: Comparison) async throws -> Int {
    let wanted = nanoseconds(slice)
    var iterations = 4
    while true {
      let raw = try await time(comparison, .raw, iterations)
      let privata = try await time(comparison, .privata, iterations)
      let taken = min(raw, privata) * Double(iterations)
      if taken >= wanted / 4 || iterations >= 100_000 {
        return max(1, Int(Double(iterations) * wanted / max(taken, 1)))
      }
      iterations *= 4
    }
  }

  /// Nanoseconds per iteration.
  private func time(
    _ comparison: Comparison, _ side: Comparison.Side, _ iterations: Int
  ) async throws -> Double {
    try await comparison.prepare(side, iterations)
    let work = side == .raw ? comparison.raw : comparison.privata
    let start = clock.now
    try await work(iterations)
    return nanoseconds(clock.now - start) / Double(iterations)
  }

  private func nanoseconds(_ duration: Duration) -> Double {
    let (seconds, attoseconds) = duration.components
    return Double(seconds) * 1e9 + Double(attoseconds) / 1e9
  }

  private func median(_ values: [Double]) -> Double {
    let sorted = values.sorted()
    let middle = sorted.count / 2
    return sorted.count.isMultiple(of: 2)
      ? (sorted[middle - 1] + sorted[middle]) / 2 : sorted[middle]
  }
}
