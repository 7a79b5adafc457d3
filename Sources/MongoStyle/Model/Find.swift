public import PrivataCore

extension MongoModel {
  /// Answers the documents that match; all of them without a filter.
  ///
  /// ```swift
  /// let patients = try await User.find(["role": "patient", "age": ["$gte": 18]]).exec()
  /// // find users {role: "patient", age: {$gte: 18}}
  /// ```
  public func find(
    _ filter: Document = [:], _ projection: Value = .undefined, options: Document = [:]
  ) -> MongoQuery<[MongoDocument]> {
    find(where: .document(filter), projection, options: options)
  }

  /// Answers the documents that match a filter given as any value, as code that does not know its
  /// type has it: an id means `_id`, what is no document is refused when the query runs.
  public func find(
    where filter: Value, _ projection: Value = .undefined, options: Document = [:]
  ) -> MongoQuery<[MongoDocument]> {
    MongoQuery(plan(.find, filter, projection, options)) { $0.asDocuments }
  }

  /// Answers the first document that matches.
  ///
  /// ```swift
  /// let ada = try await User.findOne(["email": "ada@example.org"]).exec()
  /// // find users {email: …} limit 1
  /// ```
  public func findOne(
    _ filter: Document = [:], _ projection: Value = .undefined, options: Document = [:]
  ) -> MongoQuery<MongoDocument?> {
    findOne(where: .document(filter), projection, options: options)
  }

  /// Answers the first document that matches a filter given as any value.
  public func findOne(
    where filter: Value, _ projection: Value = .undefined, options: Document = [:]
  ) -> MongoQuery<MongoDocument?> {
    MongoQuery(plan(.findOne, filter, projection, options)) { $0.asDocument }
  }

  /// Answers the document of an id, which is cast to the type of `_id`.
  ///
  /// ```swift
  /// let user = try await User.findById("60a000000000000000000001").exec()
  /// // find users {_id: …} limit 1
  /// ```
  public func findById(
    _ id: Value, _ projection: Value = .undefined, options: Document = [:]
  ) -> MongoQuery<MongoDocument?> {
    findOne(where: ["_id": id], projection, options: options)
  }

  /// Answers the document of an id.
  public func findById(_ id: ObjectID) -> MongoQuery<MongoDocument?> { findById(.objectID(id)) }

  /// Answers the `_id` of a document that matches, `nil` where none does.
  public func exists(_ filter: Document) -> MongoQuery<Document?> {
    exists(where: .document(filter))
  }

  /// Answers the `_id` of a document that matches a filter given as any value.
  public func exists(where filter: Value) -> MongoQuery<Document?> {
    var plan = plan(.findOne, filter, ["_id": 1], [:])
    plan.settings.lean = LeanOptions()
    return MongoQuery(plan) { $0.asPlainDocument }
  }

  /// Counts the documents that match.
  public func countDocuments(
    _ filter: Document = [:], options: Document = [:]
  ) -> MongoQuery<Int> {
    countDocuments(where: .document(filter), options: options)
  }

  /// Counts the documents that match a filter given as any value.
  public func countDocuments(where filter: Value, options: Document = [:]) -> MongoQuery<Int> {
    MongoQuery(plan(.countDocuments, filter, .undefined, options)) { $0.asCount }
  }

  /// Counts all documents from the collection's metadata.
  public func estimatedDocumentCount() -> MongoQuery<Int> {
    MongoQuery(QueryPlan(self, .estimatedDocumentCount)) { $0.asCount }
  }

  /// Answers the distinct values of a path among the matches; arrays count by their elements.
  public func distinct(_ path: String, _ filter: Document = [:]) -> MongoQuery<[Value]> {
    distinct(path, where: .document(filter))
  }

  /// Answers the distinct values of a path among the matches of a filter given as any value.
  public func distinct(_ path: String, where filter: Value) -> MongoQuery<[Value]> {
    var plan = plan(.distinct, filter, .undefined, [:])
    plan.distinctPath = path
    return MongoQuery(plan) { $0.asValues }
  }

  /// Starts a query on a path: `User.where("age").gte(21)`.
  public func `where`(_ path: String) -> MongoQuery<[MongoDocument]> { find().where(path) }

  /// Starts a query on a path with a value.
  public func `where`(_ path: String, _ value: Value) -> MongoQuery<[MongoDocument]> {
    find().where(path, value)
  }

  /// Starts a query with a filter.
  public func `where`(_ filter: Document) -> MongoQuery<[MongoDocument]> { find(filter) }

  func plan(
    _ operation: QueryOperation, _ filter: Value, _ projection: Value, _ options: Document
  ) -> QueryPlan {
    var plan = QueryPlan(self, operation)
    plan.select(projection)
    plan.setOptions(options)
    plan.merge(filter)
    return plan
  }
}
