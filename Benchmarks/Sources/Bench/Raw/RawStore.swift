import PrivataCore

/// The operations as an expert writes them against the C driver: cached statements, binary formats,
/// decoding straight into the struct, no copy that need not be.
protocol RawStore: AnyObject {
  /// Makes the tables and fills them with that many users, and twice as many sessions.
  func fill(users: Int) throws(RawFailure)
  func findById(_ id: ObjectID) throws(RawFailure) -> BenchUser?
  func find(role: String, limit: Int) throws(RawFailure) -> [BenchUser]
  func findByIds(_ ids: [ObjectID]) throws(RawFailure) -> [BenchUser]
  func sessions(limit: Int) throws(RawFailure) -> [BenchSession]
  func insert(_ user: BenchUser) throws(RawFailure)
  func insertMany(_ users: [BenchUser]) throws(RawFailure)
  func updateAge(_ id: ObjectID, _ age: Int) throws(RawFailure)
  func delete(_ id: ObjectID) throws(RawFailure)
  func count(role: String) throws(RawFailure) -> Int
}

/// A raw driver call that failed: ends the benchmark.
struct RawFailure: Error { var message: String }
