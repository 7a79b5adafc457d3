public import PrivataCore

// Any chain can become another operation, reusing its filter, order and options; the last one wins.

extension MongoQuery {
  /// Answers the first match.
  public func findOne(_ filter: Document = [:]) -> MongoQuery<MongoDocument?> {
    turned(into: .findOne, { $0.asDocument }) { $0.merge(filter) }
  }

  /// Counts the matches.
  public func countDocuments(_ filter: Document = [:]) -> MongoQuery<Int> {
    turned(into: .countDocuments, { $0.asCount }) { $0.merge(filter) }
  }

  /// Counts all documents from the collection's metadata; the filter is left aside.
  public func estimatedDocumentCount() -> MongoQuery<Int> {
    turned(into: .estimatedDocumentCount, { $0.asCount })
  }

  /// Answers the distinct values of a path.
  public func distinct(_ path: String, _ filter: Document = [:]) -> MongoQuery<[Value]> {
    turned(into: .distinct, { $0.asValues }) {
      $0.distinctPath = path
      $0.merge(filter)
    }
  }

  /// Updates the first match.
  public func updateOne(_ update: Document = [:]) -> MongoQuery<UpdateResult> {
    turned(into: .updateOne, { try $0.updateResult() }) { $0.merge(update: .document(update)) }
  }

  /// Updates every match.
  public func updateMany(_ update: Document = [:]) -> MongoQuery<UpdateResult> {
    turned(into: .updateMany, { try $0.updateResult() }) { $0.merge(update: .document(update)) }
  }

  /// Replaces the first match.
  public func replaceOne(_ replacement: Document) -> MongoQuery<UpdateResult> {
    turned(into: .replaceOne, { try $0.updateResult() }) {
      $0.merge(update: .document(replacement))
    }
  }

  /// Deletes the first match.
  public func deleteOne(_ filter: Document = [:]) -> MongoQuery<DeleteResult> {
    turned(into: .deleteOne, { try $0.deleteResult() }) { $0.merge(filter) }
  }

  /// Deletes every match.
  public func deleteMany(_ filter: Document = [:]) -> MongoQuery<DeleteResult> {
    turned(into: .deleteMany, { try $0.deleteResult() }) { $0.merge(filter) }
  }

  /// Updates the first match and answers it.
  public func findOneAndUpdate(_ update: Document = [:]) -> MongoQuery<MongoDocument?> {
    turned(into: .findOneAndUpdate, { $0.asDocument }) { $0.merge(update: .document(update)) }
  }

  /// Replaces the first match and answers it.
  public func findOneAndReplace(_ replacement: Document) -> MongoQuery<MongoDocument?> {
    turned(into: .findOneAndReplace, { $0.asDocument }) {
      $0.merge(update: .document(replacement))
    }
  }

  /// Deletes the first match and answers it.
  public func findOneAndDelete(_ filter: Document = [:]) -> MongoQuery<MongoDocument?> {
    turned(into: .findOneAndDelete, { $0.asDocument }) { $0.merge(filter) }
  }
}
