/// One measured pair: the same work by raw driver calls and by Privata.
///
/// A pair cannot be made without the answers of both sides and the conditions under which each works,
/// and ``Runner`` measures none whose answers or conditions differ.
public struct Comparison: Sendable {
  /// Whose turn it is.
  public enum Side: Sendable { case raw, privata }

  /// The work of one side: that many iterations.
  public typealias Work = @Sendable (Int) async throws -> Void

  public var suite: String
  public let style: String
  public let store: String
  public var op: String
  /// What one iteration counts for: rows, or concurrent tasks' calls. Times are divided by it.
  public var unit = 1
  /// Every slice has a multiple of that many iterations.
  public var step = 1
  /// The least time that one side of a round takes, where the usual is too short.
  public var slice: Duration?
  /// Untimed preparation of a slice of that many iterations of one side.
  public var prepare: @Sendable (Side, Int) async throws -> Void = { _, _ in }

  let raw: Work
  let privata: Work
  let conditions: [Side: Conditions]
  private let differs: @Sendable () async throws -> Bool

  /// A pair whose sides answer the same.
  ///
  /// - Parameters:
  ///   - answers: what each side's work answers, or has done to its store; compared before the first
  ///     round and after the last.
  public init<Answer: Equatable & Sendable>(
    _ suite: String, _ style: String, _ store: String, _ op: String,
    conditions: (raw: Conditions, privata: Conditions),
    answers: (raw: Answers<Answer>, privata: Answers<Answer>),
    raw: @escaping Work, privata: @escaping Work
  ) {
    self.suite = suite
    self.style = style
    self.store = store
    self.op = op
    self.raw = raw
    self.privata = privata
    self.conditions = [.raw: conditions.raw, .privata: conditions.privata]
    differs = { try await answers.raw() != answers.privata() }
  }

  /// What a side answers.
  public typealias Answers<Answer> = @Sendable () async throws -> Answer

  /// `suite.style.store.op`.
  public var name: String { "\(suite).\(style).\(store).\(op)" }

  func work(_ side: Side) -> Work { side == .raw ? raw : privata }

  /// Runs one side's iterations alone, for counting.
  public func work(_ iterations: Int, of side: Side) async throws {
    try await work(side)(iterations)
  }

  /// Prepares and runs one side's iterations.
  public func run(_ side: Side, _ iterations: Int) async throws {
    try await prepare(side, iterations)
    try await work(side)(iterations)
  }

  /// Refuses a pair that would compare unlike work.
  ///
  /// - Throws: ``UnlikeWork`` that names the pair and what differs.
  public func check() async throws {
    if let difference = conditions[.raw]?.difference(from: conditions[.privata]) {
      throw UnlikeWork(comparison: name, what: difference)
    }
    if try await differs() { throw UnlikeWork(comparison: name, what: "the answers") }
  }
}

/// Under what a side works: when a write is durable, what the server checks, how much it caches.
public struct Conditions: Sendable, Equatable, ExpressibleByDictionaryLiteral {
  /// By name, such as `synchronous`.
  public var values: [String: String]

  public init(_ values: [String: String]) { self.values = values }

  public init(dictionaryLiteral elements: (String, String)...) {
    values = Dictionary(elements) { first, _ in first }
  }

  /// The first condition that differs, with both values; `nil` where all are the same.
  func difference(from other: Conditions?) -> String? {
    let others = other?.values ?? [:]
    for name in Set(values.keys).union(others.keys).sorted() where values[name] != others[name] {
      return "\(name) (raw: \(values[name] ?? "-"), Privata: \(others[name] ?? "-"))"
    }
    return nil
  }

  /// `synchronous=2, journal_mode=wal`.
  public var text: String {
    values.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: ", ")
  }
}

/// A pair that may not be measured.
public struct UnlikeWork: Error, CustomStringConvertible {
  public let comparison: String
  public let what: String

  public var description: String { "\(comparison) compares unlike work: \(what) differ" }
}

/// What one comparison gave: medians over the rounds.
public struct Measurement: Sendable {
  public var suite: String
  public var style: String
  public var store: String
  public var op: String
  /// Nanoseconds per iteration and unit.
  public var raw: Double
  public var privata: Double
  /// The rounds' own ratios, smallest first: a noisy moment hits both sides of a round alike.
  public var ratios: [Double]

  /// Median of the rounds' ratios.
  public var ratio: Double { ratios.median }
}

extension [Double] {
  /// The middle value, or the mean of the two in the middle; zero of none.
  public var median: Double {
    guard !isEmpty else { return 0 }
    let sorted = sorted()
    let middle = count / 2
    return count.isMultiple(of: 2) ? (sorted[middle - 1] + sorted[middle]) / 2 : sorted[middle]
  }
}
