public import PrivataCore

extension TypedModel {
  /// Answers the records that fulfil a condition.
  ///
  /// ```swift
  /// let users = try await User.find(\.role == "patient" && \.age >= 18).exec()
  /// // find users {role: "patient", age: {$gte: 18}}
  /// ```
  @inlinable public func find(_ condition: Condition<M> = .all) -> TypedQuery<M, [M]> {
    many(TypedRequest(M.schema, condition.filter))
  }

  /// Answers the records that match a filter of MongoDB's language over the model's fields.
  ///
  /// ```swift
  /// let users = try await User.find(["role": "patient", "age": ["$gte": 18]]).exec()
  /// ```
  ///
  /// - Throws: from `exec()`: ``StrictModeError`` for an unknown field, ``CastError`` for a value that
  ///   is not of its field's type, `unknownOperator`.
  public func find(_ filter: Document) -> TypedQuery<M, [M]> {
    many(TypedRequest(M.schema, filter))
  }

  /// Answers the first record that fulfils a condition.
  @inlinable public func findOne(_ condition: Condition<M> = .all) -> TypedQuery<M, M?> {
    one(TypedRequest(M.schema, condition.filter, limit: 1))
  }

  /// Answers the first record that matches a filter of MongoDB's language.
  public func findOne(_ filter: Document) -> TypedQuery<M, M?> {
    one(TypedRequest(M.schema, filter, limit: 1))
  }

  /// Answers the record of an id.
  ///
  /// ```swift
  /// let ada = try await User.findById("u1").exec()
  /// // find users {_id: "u1"} limit 1
  /// ```
  ///
  /// - Throws: from `exec()`: `badArgument` where the model's key is more than one field.
  @inlinable
  public func findById(_ id: some FieldValue) -> TypedQuery<M, M?> { one(byID(id, limit: 1)) }

  /// Answers whether a record fulfils a condition.
  public func exists(_ condition: Condition<M>) -> TypedQuery<M, Bool> {
    var request = TypedRequest(M.schema, condition.filter)
    request.query.answer = .exists
    return TypedQuery(model: self, request: request) { batch throws(PrivataError) in
      batch.value(row: 0, column: 0) == true
    }
  }

  /// Counts the records that fulfil a condition.
  public func countDocuments(_ condition: Condition<M> = .all) -> TypedQuery<M, Int> {
    find(condition).countDocuments()
  }

  /// Answers the different values of a field.
  ///
  /// ```swift
  /// let roles = try await User.distinct(\.role).exec()     // [String]
  /// ```
  public func distinct<V>(
    _ path: FieldPath<M, V>, _ condition: Condition<M> = .all
  ) -> TypedQuery<M, [V]> {
    var request = TypedRequest(M.schema, condition.filter)
    request.query.answer = .distinct(M.fields[keyPath: path].name)
    return TypedQuery(model: self, request: request) { batch throws(PrivataError) in
      var values: [V] = []
      values.reserveCapacity(batch.count)
      for row in 0..<batch.count { values.append(try batch.row(row).decode(V.self, at: 0)) }
      return values
    }
  }

  @inlinable func many(_ request: TypedRequest) -> TypedQuery<M, [M]> {
    TypedQuery(model: self, request: request) { batch throws(PrivataError) in
      try batch.decode(M.self)
    }
  }

  @inlinable func one(_ request: TypedRequest) -> TypedQuery<M, M?> {
    TypedQuery(model: self, request: request) { batch throws(PrivataError) in
      try batch.first(as: M.self)
    }
  }

  @usableFromInline func byID(_ id: some FieldValue, limit: Int? = nil) -> TypedRequest {
    let schema = M.schema
    var request = TypedRequest(schema, limit: limit)
    if schema.primaryKey.count == 1 {
      request.query.filter = .compare(schema.fields[schema.primaryKey[0]].name, .equal, id.value)
    } else {
      request.refusal = PrivataError(
        .badArgument, "the key of '\(schema.name)' is more than one field: use findOne",
        fields: schema.primaryKey.map { schema.fields[$0].name }, model: schema.name)
    }
    return request
  }
}
