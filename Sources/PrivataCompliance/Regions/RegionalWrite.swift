internal import PrivataCore

/// One change over all regions.
struct RegionalWrite {
  let access: RegionalAccess

  init(_ access: RegionalAccess) { self.access = access }

  func run(_ write: Write) async throws(PrivataError) -> WriteOutcome {
    switch write {
    case .insert(let insert): return try await run(insert)
    case .update(let update): return try await run(update)
    case .delete(let delete): return try await run(delete)
    case .bulk(let parts, let isOrdered): return try await run(parts, isOrdered)
    }
  }

  // MARK: - Inserts

  private func run(_ insert: Insert) async throws(PrivataError) -> WriteOutcome {
    let deciding = try RegionDeciding(access, insert.model)
    var members: [VaultRegions.Member] = []
    var places: [Region: [Int]] = [:]
    for (position, record) in insert.rows.records.enumerated() {
      let member = try await deciding.region(of: record)
      if places[member.region] == nil { members.append(member) }
      places[member.region, default: []].append(position)
    }
    for member in members { try await access.admit(member, insert.model) }
    guard members.count > 1 else {
      var member = try fallback
      if let first = members.first { member = first }
      return try await access.store(member).write(.insert(insert))
    }
    return try await together(
      members.map { member in
        let positions = places[member.region] ?? []
        var part = insert
        part.rows = insert.rows.picking(positions)
        return Part(member: member, write: .insert(part), positions: positions)
      })
  }

  /// The region that answers where no record says which.
  private var fallback: VaultRegions.Member {
    get throws(PrivataError) { try access.members()[0] }
  }

  // MARK: - Updates and deletes

  private func run(_ given: Update) async throws(PrivataError) -> WriteOutcome {
    var update = given
    if update.isMany, update.filter.record(of: update.model) == nil {
      return try await everywhere(given.filter, given.model) { filter in
        var part = given
        part.filter = filter
        return .update(part)
      }
    }
    if try access.members().count > 1 {
      update.filter = try await first(update.filter, update.sort, update.model)
    }
    if let holder = try await access.holder(of: update.filter, update.model) {
      return try await access.store(holder).write(.update(update))
    }
    var target = try fallback
    if update.isUpsert {
      let deciding = try RegionDeciding(access, update.model)
      target = try await deciding.region(of: update.inserted)
    }
    return try await access.store(target).write(.update(given))
  }

  private func run(_ given: Delete) async throws(PrivataError) -> WriteOutcome {
    if given.isMany, given.filter.record(of: given.model) == nil {
      return try await everywhere(given.filter, given.model) { filter in
        var part = given
        part.filter = filter
        return .delete(part)
      }
    }
    var delete = given
    if try access.members().count > 1 {
      delete.filter = try await first(delete.filter, delete.sort, delete.model)
    }
    let holder = try await access.holder(of: delete.filter, delete.model)
    var member = try fallback
    if let holder { member = holder }
    return try await access.store(member).write(.delete(delete))
  }

  /// A filter for the one record that comes first in an order, where there is an order.
  private func first(
    _ filter: Filter, _ sort: [SortKey], _ model: ModelSchema
  ) async throws(PrivataError) -> Filter {
    guard !sort.isEmpty, filter.record(of: model) == nil, model.primaryKey.count == 1 else {
      return filter
    }
    let query = Query(
      model, where: filter, projection: .fields([model.key.name]), sort: sort, limit: 1,
      layout: .cells)
    let rows = try await RegionalRead(access.forReading, query).rows()
    guard rows.count > 0, let key = rows.value(row: 0, column: 0) else { return filter }
    return filter.and(.compare(model.key.name, .equal, key))
  }

  /// A change of many records, in every region that has some.
  private func everywhere(
    _ filter: Filter, _ model: ModelSchema, _ write: (Filter) -> Write
  ) async throws(PrivataError) -> WriteOutcome {
    _ = try await access.admitted(model)
    var members = try await access.located(filter, model)
    if members.isEmpty { members = [try fallback] }
    return try await together(
      members.map { member in
        let visible = access.visible(filter, model, in: member.region)
        return Part(member: member, write: write(visible), positions: [])
      })
  }

  /// What one region is to do, and the places of its rows in the whole.
  private struct Part {
    let member: VaultRegions.Member
    let write: Write
    let positions: [Int]
  }

  /// The parts of one change, each in a transaction of its region; all are made before the first is
  /// made to last.
  private func together(_ parts: [Part]) async throws(PrivataError) -> WriteOutcome {
    var open: [any StoreTransaction] = []
    var merged = MergedOutcome()
    do throws(PrivataError) {
      for part in parts {
        var store = try await access.store(part.member)
        if parts.count > 1, let transactional = store as? any TransactionalStore {
          let transaction = try await transactional.begin(TransactionOptions())
          open.append(transaction)
          store = transaction
        }
        merged.add(try await store.write(part.write), part.positions)
      }
    } catch {
      for transaction in open { try? await transaction.rollback() }
      throw error
    }
    for transaction in open { try await transaction.commit() }
    return merged.outcome
  }

  // MARK: - Several changes in one call

  private func run(_ parts: [Write], _ isOrdered: Bool) async throws(PrivataError) -> WriteOutcome {
    if access.pinned != nil {
      return try await access.store(try fallback).write(.bulk(parts, isOrdered: isOrdered))
    }
    var merged = MergedOutcome()
    for (index, part) in parts.enumerated() {
      do throws(PrivataError) {
        merged.add(try await run(part), at: index)
      } catch {
        merged.outcome.failures.append(.init(index: index, error: error))
      }
      if isOrdered, !merged.outcome.failures.isEmpty { break }
    }
    return merged.outcome
  }
}

/// The outcomes of the parts of a change, as that of the whole.
struct MergedOutcome {
  var outcome = WriteOutcome()
  private var positions: [Int] = []

  /// Adds a part whose rows had these places in the whole.
  mutating func add(_ part: WriteOutcome, _ places: [Int]) {
    add(counts: part)
    outcome.upserted += part.upserted
    outcome.failures += part.failures.map {
      .init(index: places.isEmpty ? $0.index : places[$0.index], error: $0.error)
    }
    guard let rows = part.rows else { return }
    append(rows)
    positions += places.count == rows.count ? places : Array(repeating: .max, count: rows.count)
    reorder()
  }

  /// Adds the part of an index.
  mutating func add(_ part: WriteOutcome, at index: Int) {
    add(counts: part)
    outcome.upserted += part.upserted.map { .init(index: index, id: $0.id) }
    outcome.failures += part.failures.map { .init(index: index, error: $0.error) }
  }

  private mutating func add(counts part: WriteOutcome) {
    outcome.inserted += part.inserted
    outcome.matched += part.matched
    outcome.modified += part.modified
    outcome.deleted += part.deleted
    outcome.lastRowID = part.lastRowID ?? outcome.lastRowID
  }

  private mutating func append(_ rows: RowBatch) {
    var all = outcome.rows ?? RowBatch(width: rows.width)
    for row in 0..<rows.count { all.append(row: row, of: rows) }
    outcome.rows = all
  }

  /// Rows answer in the order in which they were given.
  private mutating func reorder() {
    guard let rows = outcome.rows, rows.count == positions.count else { return }
    let order = positions.indices.sorted { (positions[$0], $0) < (positions[$1], $1) }
    outcome.rows = rows.picking(order, width: rows.width)
    positions = order.map { positions[$0] }
  }
}

extension Insert.Rows {
  /// The records by field names.
  var records: [Document] {
    switch self {
    case .documents(let documents): documents
    case .cells(let fields, let batch): batch.documents(naming: fields, layout: .cells)
    }
  }
}

extension Update {
  /// What an upsert would insert, as far as it says where the record belongs.
  fileprivate var inserted: Document {
    var record = Document()
    for part in filter.conjuncts {
      switch part {
      case .compare(let path, .equal, let value): record[path] = value
      case .document(let document):
        for element in document.elements where !element.key.hasPrefix("$") {
          if case .document(let inner) = element.value, inner.isCondition { continue }
          record[element.key] = element.value
        }
      default: break
      }
    }
    for (field, value) in changes.given { record[field] = value }
    return record
  }
}

extension Changes {
  /// The values that are set.
  fileprivate var given: [(String, Value)] {
    switch self {
    case .assign(let assignments):
      assignments.filter { $0.operation == .set }.map { ($0.field, $0.value) }
    case .replacement(let document): document.elements.map { ($0.key, $0.value) }
    case .operators(let operators):
      ["$setOnInsert", "$set"].flatMap { name in
        (operators[name]?.asDocument?.elements ?? []).map { ($0.key, $0.value) }
      }
    case .pipeline: []
    }
  }
}
