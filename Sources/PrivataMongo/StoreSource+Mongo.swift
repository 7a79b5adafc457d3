public import PrivataCore

extension StoreSource {
  /// A MongoDB database.
  ///
  /// ```swift
  /// let mongo = try await MongoStyle.connect(.mongo("mongodb://localhost:27017/clinic"))
  /// ```
  ///
  /// User, password, TLS, replica set, pool size and timeouts come from the URL, by MongoDB's names
  /// (`maxPoolSize`, `socketTimeoutMS`, `tls`, `replicaSet`, `authSource` …).
  ///
  /// - Parameter database: the database; the URL's own where `nil`, and `test` where it has none.
  public static func mongo(
    _ url: String, database: String? = nil, options: MongoOptions = MongoOptions()
  ) -> StoreSource {
    StoreSource { () async throws(PrivataError) -> any Store in
      try await MongoStore.open(url, database: database, options: options)
    }
  }
}
