public import PrivataCore

/// Keeps deleted documents out of sight in place of removing them: reads see only those whose mark
/// is empty, `softDelete` sets the mark.
///
/// ```swift
/// schema.plugin(SoftDelete())
/// try await User.softDelete(["_id": id])
/// try await User.find().hooks(.none).exec()      // the deleted ones too
/// ```
///
/// Privacy: a mark is no erasure; people are erased by `.gdpr`.
public struct SoftDelete: SchemaPlugin {
  /// The path of the moment of deletion.
  public var path: String

  /// Marks under `deletedAt`, or another path.
  public init(path: String = "deletedAt") { self.path = path }

  public func apply(to schema: inout Schema) {
    let path = path
    schema.add(path, .date)
    schema.pre(
      query: .find, .findOne, .countDocuments, .distinct, .findOneAndUpdate, .updateOne,
      .updateMany
    ) { query in
      if !query.filter.contains(path) { query.merge([path: .null]) }
    }
    schema.preAggregate { $0.pipeline.insert(["$match": [path: .null]], at: 0) }
  }
}

extension MongoModel {
  /// Marks the matching documents as deleted; the schema has ``SoftDelete``.
  @discardableResult
  public func softDelete(
    _ filter: Document, path: String = "deletedAt"
  ) async throws -> UpdateResult {
    try await updateMany(filter, ["$set": [path: .date(connection.profile.now())]]).exec()
  }

  /// Takes the mark away again.
  @discardableResult
  public func restore(_ filter: Document, path: String = "deletedAt") async throws -> UpdateResult {
    try await updateMany(filter, ["$unset": [path: 1]]).hooks(.none).exec()
  }
}
