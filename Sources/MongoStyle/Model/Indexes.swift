public import PrivataCore

/// What would make the stored indexes those of the schema.
public struct IndexDifference: Sendable, Hashable {
  /// The names of stored indexes that the schema does not have.
  public var toDrop: [String] = []
  /// Indexes of the schema that are not stored.
  public var toCreate: [Document] = []

  /// True where nothing is to be done.
  public var isEmpty: Bool { toDrop.isEmpty && toCreate.isEmpty }
}

/// Some models' indexes could not be made those of their schemas.
public struct SyncIndexesError: MongoStyleError {
  /// By model: what went wrong.
  public var failures: [String: PrivataError]

  public var name: String { "SyncIndexesError" }
  public var code: PrivataError.Code { failures.values.first?.code ?? .rejectedByStore }
  public var message: String {
    "The indexes could not be synchronized: " + failures.keys.sorted().joined(separator: ", ")
  }
}

extension MongoModel {
  /// Creates the indexes of the schema that are missing.
  ///
  /// ```swift
  /// try await User.createIndexes()      // createIndexes users [{key: {email: 1}, unique: true}]
  /// ```
  ///
  /// - Throws: `duplicateKey` where stored documents break a unique one; `rejectedByStore` where an
  ///   index of the same name has other options.
  public func createIndexes() async throws {
    guard let store = connection.store as? any IndexedStore else {
      return try await connection.store.prepare([lowered])
    }
    let wanted = store.wantedIndexes(of: lowered)
    if !wanted.isEmpty { try await store.createIndexes(wanted, on: lowered) }
  }

  /// The same as ``createIndexes()``.
  public func ensureIndexes() async throws { try await createIndexes() }

  /// The stored indexes, as MongoDB describes them.
  public func listIndexes() async throws -> [Document] {
    try await indexedStore().indexes(of: lowered)
  }

  /// What ``syncIndexes()`` would drop and create.
  ///
  /// ```swift
  /// let difference = try await User.diffIndexes()
  /// print(difference.toDrop, difference.toCreate)
  /// ```
  public func diffIndexes() async throws -> IndexDifference {
    let store = try indexedStore()
    let stored = try await store.indexes(of: lowered).filter { $0["name"] != "_id_" }
    let wanted = store.wantedIndexes(of: lowered)
    var difference = IndexDifference()
    for index in stored where !wanted.contains(where: { Self.isSame(index, $0) }) {
      if let name = index["name"]?.asString { difference.toDrop.append(name) }
    }
    difference.toCreate = wanted.filter { index in
      !stored.contains { Self.isSame($0, index) }
    }
    return difference
  }

  /// Drops the stored indexes that the schema does not have and creates those that are missing;
  /// answers the names of the dropped ones.
  @discardableResult
  public func syncIndexes() async throws -> [String] {
    let store = try indexedStore()
    let difference = try await diffIndexes()
    for name in difference.toDrop { try await store.dropIndex(name, of: lowered) }
    if !difference.toCreate.isEmpty {
      try await store.createIndexes(difference.toCreate, on: lowered)
    }
    return difference.toDrop
  }

  /// Drops the stored indexes that the schema does not have; answers their names.
  @discardableResult
  public func cleanIndexes() async throws -> [String] {
    let store = try indexedStore()
    let names = try await diffIndexes().toDrop
    for name in names { try await store.dropIndex(name, of: lowered) }
    return names
  }

  private func indexedStore() throws -> any IndexedStore {
    guard let store = connection.store as? any IndexedStore else {
      throw PrivataError(
        .unsupported, "this store does not list indexes; prepare() makes those of the schema",
        model: name)
    }
    return store
  }

  /// Options that make two indexes different.
  private static let telling = [
    "unique", "sparse", "partialFilterExpression", "expireAfterSeconds", "collation", "weights",
    "default_language", "hidden",
  ]

  private static func isSame(_ stored: Document, _ wanted: Document) -> Bool {
    guard isSameKey(stored, wanted) else { return false }
    return telling.allSatisfy { option in
      switch (stored[option], wanted[option]) {
      case (nil, nil): true
      case (.bool(let flag)?, nil), (nil, .bool(let flag)?): !flag
      // The server fills in what a collation, or the weights of a text index, leave out.
      case (.document(let full)?, .document(let part)?):
        part.elements.allSatisfy { full[$0.key]?.isDeepEqual(to: $0.value) ?? false }
      case (.document?, nil): option == "weights"
      case (.string?, nil): option == "default_language"
      case (let left?, let right?): Value.equals(left, right)
      default: false
      }
    }
  }

  /// Text indexes are stored under keys of the server's own.
  private static func isSameKey(_ stored: Document, _ wanted: Document) -> Bool {
    guard let key = wanted["key"]?.asDocument else { return false }
    let texts = key.elements.filter { $0.value == "text" }.map(\.key)
    guard texts.isEmpty else {
      return Set(stored["weights"]?.asDocument?.keys ?? []) == Set(texts)
    }
    guard let other = stored["key"]?.asDocument, other.keys == key.keys else { return false }
    return zip(other.elements, key.elements).allSatisfy { Value.equals($0.value, $1.value) }
  }
}

extension MongoConnection {
  /// Makes the stored indexes of all models those of their schemas, one model after the other.
  ///
  /// - Returns: the names of the dropped indexes by model.
  /// - Throws: ``SyncIndexesError`` for the first model that fails, or for all of them where it goes
  ///   on after errors.
  @discardableResult
  public func syncIndexes(continueOnError: Bool = false) async throws -> [String: [String]] {
    var dropped: [String: [String]] = [:]
    var failures: [String: PrivataError] = [:]
    for name in modelNames {
      let model = try model(name)
      guard model.baseName == nil else { continue }
      do { dropped[name] = try await model.syncIndexes() } catch let error as PrivataError {
        failures[name] = error
        if !continueOnError { break }
      }
    }
    if !failures.isEmpty { throw SyncIndexesError(failures: failures).wrapped }
    return dropped
  }
}
