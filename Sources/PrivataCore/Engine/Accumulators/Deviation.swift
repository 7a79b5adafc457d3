/// Standard deviation by Welford's method.
struct Deviation: Sendable {
  private var count = 0.0
  private var mean = 0.0
  private var squares = 0.0

  mutating func add(_ number: Double) {
    count += 1
    let difference = number - mean
    mean += difference / count
    squares += difference * (number - mean)
  }

  func value(isSample: Bool) -> Value {
    let divisor = isSample ? count - 1 : count
    return divisor > 0 ? .double((squares / divisor).squareRoot()) : .null
  }
}
