internal import PrivataCore

/// Keeps work at a rate, so that it leaves the stores to those who wait for an answer.
struct Pace {
  private let perSecond: Int?
  private let begun = ContinuousClock.now
  private var done = 0

  /// A pace of so many steps per second; as fast as it goes where `nil`.
  init(_ perSecond: Int?) { self.perSecond = perSecond }

  /// Waits until a further step is due.
  ///
  /// - Throws: `cancelled`.
  mutating func step() async throws(PrivataError) {
    guard let perSecond else { return }
    done += 1
    let due = begun.advanced(by: .seconds(Double(done) / Double(max(perSecond, 1))))
    // Short waits are saved up.
    guard due - ContinuousClock.now > .milliseconds(5) else { return }
    do { try await Task.sleep(until: due) } catch { throw .cancelledWait }
  }
}
