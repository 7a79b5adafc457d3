public import PrivataCore

extension MongoModel {
  /// Deletes the first document that matches.
  public func deleteOne(
    _ filter: Document = [:], options: Document = [:]
  ) -> MongoQuery<DeleteResult> {
    deleteOne(where: .document(filter), options: options)
  }

  /// Deletes the first document that matches a filter given as any value.
  public func deleteOne(where filter: Value, options: Document = [:]) -> MongoQuery<DeleteResult> {
    MongoQuery(plan(.deleteOne, filter, .undefined, options)) { try $0.deleteResult() }
  }

  /// Deletes every document that matches. Without conditions say `.all`.
  ///
  /// ```swift
  /// try await Draft.deleteMany(["expiresAt": ["$lt": now]]).exec()
  /// try await Draft.deleteMany(.all).exec()
  /// ```
  ///
  /// - Throws: `unboundedDelete` for an empty filter, unless the profile allows it.
  public func deleteMany(
    _ filter: Document = [:], options: Document = [:]
  ) -> MongoQuery<DeleteResult> {
    deleteMany(where: .document(filter), options: options)
  }

  /// Deletes every document that matches a filter given as any value.
  public func deleteMany(where filter: Value, options: Document = [:]) -> MongoQuery<DeleteResult> {
    MongoQuery(plan(.deleteMany, filter, .undefined, options)) { try $0.deleteResult() }
  }

  /// Deletes the first document that matches and answers it.
  public func findOneAndDelete(
    _ filter: Document = [:], options: Document = [:]
  ) -> MongoQuery<MongoDocument?> {
    findOneAndDelete(where: .document(filter), options: options)
  }

  /// Deletes and answers the first document that matches a filter given as any value.
  public func findOneAndDelete(
    where filter: Value, options: Document = [:]
  ) -> MongoQuery<MongoDocument?> {
    MongoQuery(plan(.findOneAndDelete, filter, .undefined, options)) { $0.asDocument }
  }

  /// Deletes and answers the document of an id.
  public func findByIdAndDelete(
    _ id: Value, options: Document = [:]
  ) -> MongoQuery<MongoDocument?> {
    findOneAndDelete(where: ["_id": id], options: options)
  }
}
