public import PrivataCore

/// A read of a typed model as a value: a chain builds it, `exec()` runs it, as often as you like.
///
/// ```swift
/// let page = try await User.find(\.age >= 18).sort(.asc(\.name)).skip(20).limit(10).exec()
/// // find users {age: {$gte: 18}} sort {name: 1} skip 20 limit 10
/// ```
///
/// Building never throws: what is wrong with a filter is said by `exec()`.
public struct TypedQuery<M: Model, Answer: Sendable>: Sendable {
  let model: TypedModel<M>
  var request: TypedRequest
  let decode: @Sendable (RowBatch) throws(PrivataError) -> Answer

  @usableFromInline init(
    model: TypedModel<M>, request: TypedRequest,
    _ decode: @escaping @Sendable (RowBatch) throws(PrivataError) -> Answer
  ) {
    self.model = model
    self.request = request
    self.decode = decode
  }

  /// Runs the query.
  ///
  /// - Throws: ``CastError``, ``StrictModeError``, ``DocumentNotFoundError`` (each in
  ///   `PrivataError.underlying`) and what the store answers.
  /// - Privacy: reads what condition and selection say; a vault audits it.
  @discardableResult
  public func exec() async throws(PrivataError) -> Answer {
    if let refusal = request.refusal { throw refusal }
    return try decode(try await model.store(request.session).rows(for: request.query))
  }

  func changed(_ change: (inout TypedRequest) -> Void) -> Self {
    var copy = self
    change(&copy.request)
    return copy
  }

  func answering<Other>(
    _ decode: @escaping @Sendable (RowBatch) throws(PrivataError) -> Other
  ) -> TypedQuery<M, Other> {
    TypedQuery<M, Other>(model: model, request: request, decode)
  }
}

/// What a typed query asks of the store.
@usableFromInline struct TypedRequest: Sendable {
  var query: Query
  var session: MongoSession?
  /// What was found wrong while the request was built.
  var refusal: PrivataError?

  @usableFromInline init(_ schema: ModelSchema, _ filter: Filter = .all, limit: Int? = nil) {
    query = Query(schema, where: filter, limit: limit, layout: .cells)
  }

  /// A request whose condition is MongoDB's filter language.
  init(_ schema: ModelSchema, _ filter: Document, limit: Int? = nil) {
    self.init(schema, limit: limit)
    do throws(PrivataError) {
      query.filter = try TypedFilter(schema).filter(filter)
    } catch { refusal = error }
  }
}

// MARK: - The chain

extension TypedQuery {
  /// Adds a condition; all of them have to hold.
  public func `where`(_ condition: Condition<M>) -> Self {
    changed { request in
      let filter = request.query.filter
      request.query.filter =
        filter == .all ? condition.filter : .and([filter, condition.filter])
    }
  }

  /// Orders the records, the most significant key first; a second call adds keys.
  public func sort(_ keys: Order<M>...) -> Self {
    changed { $0.query.sort += keys.map(\.key) }
  }

  /// Leaves out the first records of the order.
  public func skip(_ count: Int) -> Self { changed { $0.query.skip = count } }

  /// Answers at most that many records.
  public func limit(_ count: Int) -> Self { changed { $0.query.limit = count } }

  /// Bounds the time that the server may work on the query.
  public func maxTimeMS(_ milliseconds: Int) -> Self {
    changed { request in
      var options = request.query.options ?? QueryOptions()
      options.maxTimeMilliseconds = milliseconds
      request.query.options = options
    }
  }

  /// A note that the server's log shows with the query. It must hold no personal value.
  public func comment(_ text: String) -> Self {
    changed { request in
      var options = request.query.options ?? QueryOptions()
      options.comment = text
      request.query.options = options
    }
  }

  /// Runs the query in a session's transaction.
  public func session(_ session: MongoSession) -> Self { changed { $0.session = session } }

  /// Counts the records in place of answering them.
  ///
  /// ```swift
  /// let adults = try await User.find(\.age >= 18).countDocuments().exec()
  /// ```
  public func countDocuments() -> TypedQuery<M, Int> {
    answering { batch throws(PrivataError) in batch.value(row: 0, column: 0)?.asInt ?? 0 }
      .changed { request in
        request.query.answer = .count
        request.query.sort = []
      }
  }
}

extension TypedQuery {
  /// Fails where no record matches.
  ///
  /// ```swift
  /// let ada = try await User.findById("u1").orFail().exec()   // User, not User?
  /// ```
  ///
  /// - Throws: from `exec()`: ``DocumentNotFoundError``, code `notFound`.
  public func orFail<Record>() -> TypedQuery<M, Record> where Answer == Record? {
    let decode = decode
    return answering { batch throws(PrivataError) in
      guard let record = try decode(batch) else { throw TypedModel<M>.noMatch }
      return record
    }
  }

  /// Fails where no record matches.
  ///
  /// - Throws: from `exec()`: ``DocumentNotFoundError``, code `notFound`.
  public func orFail<Record>() -> Self where Answer == [Record] {
    let decode = decode
    return answering { batch throws(PrivataError) in
      let records = try decode(batch)
      guard !records.isEmpty else { throw TypedModel<M>.noMatch }
      return records
    }
  }
}

extension TypedModel {
  static var noMatch: PrivataError {
    DocumentNotFoundError(model: M.schema.name, filter: Protected([:])).wrapped
  }
}

extension TypedQuery where Answer == [M] {
  /// Answers only these fields, as tuples; only they are read.
  ///
  /// ```swift
  /// let rows: [(String, Int?)] = try await User.find(\.role == "patient").select(\.email, \.age).exec()
  /// // find users {role: "patient"} projection {email: 1, age: 1}
  /// ```
  public func select<each V: FieldValue>(
    _ fields: repeat FieldPath<M, each V>
  ) -> TypedQuery<M, [(repeat each V)]> {
    var names: [String] = []
    for path in repeat each fields { names.append(M.fields[keyPath: path].name) }
    return answering { batch throws(PrivataError) in
      var tuples: [(repeat each V)] = []
      tuples.reserveCapacity(batch.count)
      for index in 0..<batch.count {
        let row = batch.row(index)
        var column = 0
        func next<T: FieldValue>(_: T.Type) throws(PrivataError) -> T {
          defer { column += 1 }
          return try row.decode(T.self, at: column)
        }
        tuples.append((repeat try next((each V).self)))
      }
      return tuples
    }.changed { $0.query.projection = .fields(names) }
  }
}
