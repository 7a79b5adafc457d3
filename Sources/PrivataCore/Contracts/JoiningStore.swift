internal import Synchronization

/// A store whose server, or file system, lets one statement read another store too: both halves of
/// records are then answered in one go. A vault asks for it only where one statement of the same rights
/// could read both anyway.
package protocol JoiningStore: Store {
  /// True where statements of this store reach the other with nothing but the rights that this one has.
  func reaches(_ other: any Store) -> Bool

  /// The rows of a query in cells, each with fields of the row that it names in another store.
  ///
  /// - Returns: `nil` for a query that the store does not join.
  func rows(
    for query: Query, joining joined: JoinedHalf, in other: any Store
  ) async throws(PrivataError) -> RowBatch?
}

/// Which rows of another model belong to a query's rows, and which cells both give to the answer.
package final class JoinedHalf: Sendable {
  /// Where a cell of the answer comes from.
  package enum Place: Sendable {
    /// A column of the query's own answer.
    case own(Int)
    /// A field of the other model.
    case other(String)
  }

  /// The other model, its key, and the column of the query's answer that holds a row's key there.
  package let model: ModelSchema
  package let key: String
  package let link: Int
  package let places: [Place]
  /// What stores compiled for it, by the plans of the queries.
  private let plans = Mutex<[any AnyObject & Sendable]>([])
  private let refused = Atomic(false)

  package init(_ model: ModelSchema, key: String, link: Int, places: [Place]) {
    self.model = model
    self.key = key
    self.link = link
    self.places = places
  }

  /// Only a program that makes up queries gets there.
  private static let limit = 16

  /// What a store compiled, as it knows it again.
  package func plan<Plan: AnyObject & Sendable>(where isMeant: (Plan) -> Bool) -> Plan? {
    plans.withLock { plans in
      for case let plan as Plan in plans where isMeant(plan) { return plan }
      return nil
    }
  }

  /// Keeps what a store compiled.
  package func keep(_ plan: some AnyObject & Sendable) {
    plans.withLock { plans in
      if plans.count >= Self.limit { plans = [] }
      // What is newer is found first.
      plans.insert(plan, at: 0)
    }
  }

  /// True after a statement was refused: both stores are then asked by themselves.
  package var isRefused: Bool { refused.load(ordering: .relaxed) }

  /// Remembers that a store does not carry it out.
  package func refuse() { refused.store(true, ordering: .relaxed) }
}
