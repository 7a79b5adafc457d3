public import PrivataCore

/// The defaults of a connection: Privata's own are strict where Mongoose's users are hurt; the
/// compatibility profile is Mongoose's, for ported code.
///
/// ```swift
/// let mongo = try await MongoStyle.connect(.sqlite("clinic.db"), profile: .mongoose)
/// ```
public struct Profile: Sendable {
  /// Unknown paths in filters.
  public var strictQuery: StrictMode
  /// Refuses `updateMany` and `deleteMany` with an empty filter, unless it is `.all`.
  public var requiresFilterForMany: Bool
  /// Checks the values of updates.
  public var runValidators: Bool
  /// Takes update pipelines.
  public var allowsUpdatePipelines: Bool
  /// Answers the changed document from `findOneAndUpdate` in place of the one before.
  public var returnsAfter: Bool
  /// Completes upserts with the schema's defaults.
  public var setDefaultsOnInsert: Bool
  /// Disarms operators among the values of every filter; the query decides where `nil`.
  public var sanitizeFilter: Bool?
  /// Takes only names in projections; the query decides where `nil`.
  public var sanitizeProjection: Bool?
  public var translateAliases: Bool
  public var maxTimeMilliseconds: Int?
  /// What a populate's `limit` means: documents per parent, cut from the answer of one query, or
  /// (Mongoose) in all.
  public var limitsPopulatePerParent: Bool
  /// Operations inside `transaction { }` take part in it without being handed the session.
  public var joinsTransactions: Bool
  /// Unknown paths in array filters, where the library as a whole says so.
  public var arrayFilterStrictQuery: StrictMode?
  /// Makes what a model needs (tables, collections, indexes) before its first operation.
  public var preparesModels: Bool
  /// Turns model names into collection names.
  public var pluralizes: Bool
  /// Refuses to run one query twice; `clone()` makes a copy that runs.
  public var runsQueriesOnce = false
  /// How long a transaction waits for another one's records where the store would wait longer;
  /// MongoDB does not wait at all.
  public var lockTimeoutMilliseconds: Int?
  /// The moment that timestamps take.
  public var now: @Sendable () -> DateTime

  /// Privata's own defaults.
  public static let standard = Profile(
    strictQuery: .throw, requiresFilterForMany: true, runValidators: true,
    allowsUpdatePipelines: true, returnsAfter: false, setDefaultsOnInsert: true,
    sanitizeFilter: nil, sanitizeProjection: nil, translateAliases: false,
    maxTimeMilliseconds: nil, limitsPopulatePerParent: true, joinsTransactions: true,
    arrayFilterStrictQuery: nil, preparesModels: true, pluralizes: true, now: { DateTime.now })

  /// Mongoose's defaults.
  public static let mongoose = Profile.compatible.with {
    $0.runsQueriesOnce = true
    $0.lockTimeoutMilliseconds = 500
  }

  private static let compatible = Profile(
    strictQuery: .keep, requiresFilterForMany: false, runValidators: false,
    allowsUpdatePipelines: false, returnsAfter: false, setDefaultsOnInsert: true,
    sanitizeFilter: nil, sanitizeProjection: nil, translateAliases: false,
    maxTimeMilliseconds: nil, limitsPopulatePerParent: false, joinsTransactions: false,
    arrayFilterStrictQuery: nil, preparesModels: true, pluralizes: true, now: { DateTime.now })

  /// The profile with changes.
  ///
  /// ```swift
  /// .mongoose.with { $0.runValidators = true }
  /// ```
  public func with(_ change: (inout Profile) -> Void) -> Profile {
    var profile = self
    change(&profile)
    return profile
  }
}
