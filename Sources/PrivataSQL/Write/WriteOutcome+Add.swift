package import PrivataCore

extension WriteOutcome {
  /// Adds the outcome of one operation of a bulk.
  package mutating func add(_ other: WriteOutcome, at index: Int) {
    inserted += other.inserted
    matched += other.matched
    modified += other.modified
    deleted += other.deleted
    lastRowID = other.lastRowID ?? lastRowID
    upserted += other.upserted.map { Upserted(index: index, id: $0.id) }
    failures += other.failures.map { Failure(index: index, error: $0.error) }
  }
}
