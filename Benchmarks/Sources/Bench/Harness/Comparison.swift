/// One measured pair: the same work by raw driver calls and by Privata.
struct Comparison {
  enum Side { case raw, privata }

  var suite: String
  var style: String
  var store: String
  var op: String
  /// Untimed preparation of a slice of that many iterations of one side.
  var prepare: (Side, Int) async throws -> Void = { _, _ in }
  var raw: (Int) async throws -> Void
  var privata: (Int) async throws -> Void

  var name: String { "\(suite).\(style).\(store).\(op)" }
}

/// What one comparison gave: medians over the rounds.
struct Measurement {
  var comparison: Comparison
  var rawNanoseconds: Double
  var privataNanoseconds: Double
  /// Median of the rounds' own ratios, so that a noisy moment hits both sides alike.
  var ratio: Double
  var rounds: Int
}
