public import PrivataCore

/// The records of a typed query one by one, in pieces of bounded size.
///
/// ```swift
/// for try await user in User.find(\.isActive == true).cursor(batchSize: 256) { … }
/// ```
public struct TypedCursor<M: Model>: AsyncSequence, Sendable {
  let query: TypedQuery<M, [M]>
  let batchSize: Int

  /// An iterator over the records.
  public func makeAsyncIterator() -> Iterator { Iterator(query: query, batchSize: batchSize) }

  /// Reads piece after piece; memory holds one.
  public struct Iterator: AsyncIteratorProtocol {
    let query: TypedQuery<M, [M]>
    let batchSize: Int
    private var pending: ArraySlice<M> = []
    private var stream: (any RowStream)?
    private var isOpen = false

    init(query: TypedQuery<M, [M]>, batchSize: Int) {
      self.query = query
      self.batchSize = batchSize
    }

    /// The next record, `nil` after the last.
    public mutating func next() async throws(PrivataError) -> M? {
      if !isOpen { try await open() }
      while pending.isEmpty, let stream {
        guard let batch = try await stream.next() else {
          self.stream = nil
          break
        }
        pending = try query.decode(batch)[...]
      }
      return pending.popFirst()
    }

    private mutating func open() async throws(PrivataError) {
      isOpen = true
      if let refusal = query.request.refusal { throw refusal }
      let store = try await query.model.store(query.request.session)
      if let store = store as? any StreamingStore {
        stream = try await store.stream(query.request.query, batchSize: batchSize)
      } else {
        pending = try query.decode(try await store.rows(for: query.request.query))[...]
      }
    }
  }
}

extension TypedQuery where Answer == [M] {
  /// The records one by one, in pieces of bounded size.
  public func cursor(batchSize: Int = 256) -> TypedCursor<M> {
    TypedCursor(query: self, batchSize: batchSize)
  }
}
