internal import PrivataCore

/// A read of both halves whose rows and order the identity store alone decides, small enough for one
/// query to each: cells of two batches become rows of one, and no value is made between.
struct DirectJoin {
  private let session: VaultSession
  private let separation: Separation
  private let query: Query
  private let shape: ReadShape

  init(_ session: VaultSession, _ separation: Separation, _ query: Query, _ shape: ReadShape) {
    self.session = session
    self.separation = separation
    self.query = query
    self.shape = shape
  }

  func rows() async throws(PrivataError) -> RowBatch {
    guard let record = overlappingRecord else {
      if let rows = await joinedByStore(shape.joined) { return rows }
      return try await joined(try await session.identity.rows(for: identityQuery), nil)
    }
    let map = session.core.map
    let epoch = map.epoch
    if let rows = await joinedByStore(shape.joinedWithLink) {
      if let link = rows.isEmpty ? nil : rows.value(row: 0, column: rows.width - 1)?.asString {
        map.noteGuess(record, link, separation.ownReference, asOf: epoch)
      }
      return rows.picking(columns: Array(0..<rows.width - 1))
    }
    let identity: RowBatch
    var guessed: (link: String, rows: RowBatch)?
    if let guess = map.guess(of: record, separation.ownReference) {
      async let clinical = Self.rows(clinicalQuery([.string(guess)]), session.clinical)
      identity = try await session.identity.rows(for: identityQuery)
      guessed = (guess, try await clinical.get())
    } else {
      identity = try await session.identity.rows(for: identityQuery)
    }
    if identity.count == 1,
      let link = identity.value(row: 0, column: shape.columns.linkColumn)?.asString,
      link != guessed?.link
    {
      map.noteGuess(record, link, separation.ownReference, asOf: epoch)
      guessed = nil
    }
    return try await joined(identity, guessed?.rows)
  }

  /// Both halves in one statement, where the stores let it; `nil` where they are asked one by one,
  /// whose errors are then the answer.
  private func joinedByStore(_ joined: JoinedHalf?) async -> RowBatch? {
    guard let store = session.core.joining, !session.isTransaction, let joined, !joined.isRefused
    else { return nil }
    do throws(PrivataError) {
      let rows = try await store.rows(
        for: identityQuery, joining: joined, in: session.core.clinicalStore)
      // Other queries of the shape would not be joined either.
      if rows == nil { joined.refuse() }
      return rows
    } catch {
      // A store that is away will be back; one that does not let us read both will not change that.
      if !error.isRetriable, error.code != .cancelled { joined.refuse() }
      return nil
    }
  }

  /// The one record that is asked for, where both stores are better asked at the same time: each
  /// answer is waited for, and no transaction holds them to one connection.
  private var overlappingRecord: Value? {
    guard session.core.waitsForBoth, !session.isTransaction else { return nil }
    return query.filter.record(of: query.model)
  }

  private static func rows(
    _ query: Query, _ store: any Store
  ) async -> Result<RowBatch, PrivataError> {
    do throws(PrivataError) {
      return .success(try await store.rows(for: query))
    } catch {
      return .failure(error)
    }
  }

  /// The identity rows with their clinical ones, which are read unless they are there.
  private func joined(
    _ identity: RowBatch, _ known: RowBatch?
  ) async throws(PrivataError) -> RowBatch {
    let columns = shape.columns
    guard !identity.isEmpty else { return RowBatch(width: max(columns.places.count, 1)) }
    let clinical: RowBatch
    if let known {
      clinical = known
    } else {
      let links = identity.texts(column: columns.linkColumn)
      clinical = try await session.clinical.rows(for: clinicalQuery(links))
    }
    let matches = identity.matches(column: columns.linkColumn, in: clinical, column: 0)
    return identity.joined(
      with: clinical, matches: matches, places: columns.places, isInner: false)
  }

  private var identityQuery: Query {
    var physical = query
    physical.model = separation.identity ?? query.model
    physical.projection = shape.columns.identity
    return physical
  }

  private func clinicalQuery(_ links: [Value]) -> Query {
    Query(
      separation.clinical ?? separation.model, where: .oneOf(separation.clinicalKey, links),
      projection: shape.columns.clinical, layout: .cells, options: query.options.clinical)
  }
}
