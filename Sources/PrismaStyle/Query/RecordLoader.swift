internal import PrivataCore

/// Loads records with what a selection asks for: one query for the records and one per relation and
/// level, however many records there are.
struct RecordLoader: Sendable {
  let client: PrismaClient

  /// The answer of a read: the records of the page, cut to the selection.
  func records(
    _ arguments: Arguments, where extra: Filter = .all, limit: Int? = nil,
    selecting chosen: Selection? = nil
  ) async throws(PrivataError) -> [Document] {
    let selection: Selection
    if let chosen {
      selection = chosen
    } else {
      selection = try Selection(arguments, client.schema)
    }
    let rows = try await page(arguments, where: extra, fetching: selection, limit: limit)
    return try await complete(rows, selection, arguments.model)
  }

  /// Adds relations and counts to fetched records and cuts them to the selection.
  func complete(
    _ rows: [Document], _ selection: Selection, _ model: PrismaModel
  ) async throws(PrivataError) -> [Document] {
    var answers = rows.map { row in
      Document(selection.fields.map { .init(key: $0, value: row[$0] ?? .null) })
    }
    for (link, arguments) in selection.related {
      let found = try await related(rows, link, arguments)
      for index in answers.indices {
        answers[index][link.name] = Self.answer(found[index], link.kind)
      }
    }
    if !selection.counts.isEmpty {
      var counts = rows.map { _ in Document() }
      for (link, filter) in selection.counts {
        let found = try await related(rows, link, ["where": .document(filter)])
        for index in counts.indices { counts[index][link.name] = .int(found[index].count) }
      }
      for index in answers.indices { answers[index]["_count"] = .document(counts[index]) }
    }
    return answers
  }

  private static func answer(_ found: [Document], _ kind: PrismaRelation.Kind) -> Value {
    switch kind {
    case .many: .array(found.map { .document($0) })
    case .one: found.first.map { .document($0) } ?? .null
    }
  }
}

// MARK: - Related records

extension RecordLoader {
  static let nested: Set<String> = [
    "where", "orderBy", "take", "skip", "cursor", "distinct", "select", "include", "omit",
  ]

  /// The related records of each row, in the order and number that the arguments ask for.
  func related(
    _ rows: [Document], _ link: RelationLink, _ arguments: Document
  ) async throws(PrivataError) -> [[Document]] {
    let target = try client.schema.model(link.target)
    let arguments = try Arguments(arguments, of: target, allowed: Self.nested)
    let selection = try Selection(arguments, client.schema)
    let keys = Self.distinct(rows.compactMap { $0[link.localField] })
    guard !keys.isEmpty else { return rows.map { _ in [] } }
    var owners: [Value: [Value]] = [:]
    var filter = Filter.isIn(link.remoteField, keys)
    if let join = link.join {
      owners = try await joined(join, keys)
      filter = .isIn(link.remoteField, Self.distinct(owners.values.flatMap { $0 }))
    }
    let page = try Page(arguments)
    var wanted = selection
    if !wanted.fields.contains(link.remoteField) { wanted.fields.append(link.remoteField) }
    let found = try await sorted(
      arguments, where: filter, fetching: wanted, extra: page.fields(of: target))
    let completed = try await complete(found, wanted, target)
    var groups: [Value: [Int]] = [:]
    for (index, record) in found.enumerated() {
      groups[record[link.remoteField] ?? .null, default: []].append(index)
    }
    return try await grouped(rows, link, owners, groups, found, completed, page, selection)
  }

  private func grouped(
    _ rows: [Document], _ link: RelationLink, _ owners: [Value: [Value]],
    _ groups: [Value: [Int]], _ found: [Document], _ completed: [Document], _ page: Page,
    _ selection: Selection
  ) async throws(PrivataError) -> [[Document]] {
    let hidden = selection.fields.contains(link.remoteField) ? nil : link.remoteField
    let cursor = try await page.cursorKey(client)
    return rows.map { row in
      guard let key = row[link.localField], !key.isNull else { return [] }
      let indices =
        link.join == nil
        ? groups[key] ?? [] : (owners[key] ?? []).flatMap { groups[$0] ?? [] }.sorted()
      return page.cut(indices.map { (found[$0], completed[$0]) }, from: cursor).map { record in
        var record = record
        if let hidden { record[hidden] = nil }
        return record
      }
    }
  }

  private func joined(
    _ join: RelationLink.Join, _ keys: [Value]
  ) async throws(PrivataError) -> [Value: [Value]] {
    let batch = try await client.store.rows(
      for: Query(
        join.schema, where: .isIn(join.own, keys), projection: .fields([join.own, join.other]),
        layout: .cells))
    var owners: [Value: [Value]] = [:]
    for row in 0..<batch.count {
      guard let own = batch.value(row: row, column: 0), let other = batch.value(row: row, column: 1)
      else { continue }
      owners[own, default: []].append(other)
    }
    return owners
  }

  static func distinct(_ values: [Value]) -> [Value] {
    var seen: Set<Value> = []
    return values.filter { !$0.isNull && seen.insert($0).inserted }
  }
}

// MARK: - Pages

extension RecordLoader {
  private func page(
    _ arguments: Arguments, where extra: Filter, fetching selection: Selection, limit: Int?
  ) async throws(PrivataError) -> [Document] {
    let page = try Page(arguments)
    let ordering = try Ordering(arguments, client.schema)
    if page.take == 0 { return [] }
    if !page.isWindowed && !ordering.needsRelations {
      return try await stored(
        arguments, extra, selection, ordering, page.reversing(limit ?? page.take), page.skip)
    }
    let rows = try await sorted(
      arguments, where: extra, fetching: selection, extra: page.fields(of: arguments.model))
    let cut = page.cut(rows.map { ($0, $0) }, from: try await page.cursorKey(client))
    return limit.map { Array(cut.prefix($0)) } ?? cut
  }

  /// Lets the store sort and cut. A negative take reads from the end.
  private func stored(
    _ arguments: Arguments, _ extra: Filter, _ selection: Selection, _ ordering: Ordering,
    _ take: (limit: Int?, isReversed: Bool), _ skip: Int
  ) async throws(PrivataError) -> [Document] {
    var keys = ordering.keys
    if take.isReversed {
      if keys.isEmpty { keys = [SortKey(arguments.model.schema.key.name)] }
      for index in keys.indices { keys[index] = keys[index].reversed }
    }
    let rows = try await fetch(arguments, extra, selection, keys, [], skip: skip, limit: take.limit)
    return take.isReversed ? rows.reversed() : rows
  }

  /// All matching records in order; where an order goes through relations it is made here.
  private func sorted(
    _ arguments: Arguments, where extra: Filter, fetching selection: Selection,
    extra fields: [String]
  ) async throws(PrivataError) -> [Document] {
    let ordering = try Ordering(arguments, client.schema)
    let needed = ordering.paths.map { $0.links.first?.localField ?? $0.field ?? "" }
    var keys = ordering.needsRelations ? [] : ordering.keys
    // Ties are broken by the key, so that pages neither repeat nor miss a record.
    keys.append(SortKey(arguments.model.schema.key.name))
    let rows = try await fetch(arguments, extra, selection, keys, fields + needed)
    guard ordering.needsRelations else { return rows }
    var columns: [[Value]] = []
    for path in ordering.paths { columns.append(try await values(rows, path)) }
    return rows.indices.sorted { a, b in
      for (path, column) in zip(ordering.paths, columns) {
        let order = Value.order(column[a], column[b])
        if order != 0 { return path.isDescending ? order > 0 : order < 0 }
      }
      return a < b
    }.map { rows[$0] }
  }

  /// What each row is ordered by along a path.
  private func values(_ rows: [Document], _ path: Ordering.Path) async throws(PrivataError)
    -> [Value]
  {
    guard let link = path.links.first else { return rows.map { $0[path.field ?? ""] ?? .null } }
    let found = try await related(rows, link, [:])
    guard path.field != nil || path.links.count > 1 else { return found.map { .int($0.count) } }
    var rest = path
    rest.links.removeFirst()
    var ones: [Document] = []
    var places: [Int?] = []
    for records in found {
      places.append(records.isEmpty ? nil : ones.count)
      if let record = records.first { ones.append(record) }
    }
    let inner = try await values(ones, rest)
    return places.map { $0.map { inner[$0] } ?? .null }
  }

  private func fetch(
    _ arguments: Arguments, _ extra: Filter, _ selection: Selection, _ keys: [SortKey],
    _ fields: [String], skip: Int = 0, limit: Int? = nil
  ) async throws(PrivataError) -> [Document] {
    let model = arguments.model
    let filter = try await WhereCompiler(client: client)
      .filter(try arguments.document("where"), model)
    var wanted = selection
    wanted.fields += fields.filter { !$0.isEmpty }
    let names = wanted.fetched(model)
    let batch = try await client.store.rows(
      for: Query(
        model.schema, where: Self.both(filter, extra), projection: .fields(names), sort: keys,
        skip: skip, limit: limit, layout: .cells))
    return (0..<batch.count).map { row in
      Document(
        names.enumerated().map { column, name in
          .init(key: name, value: batch.value(row: row, column: column) ?? .null)
        })
    }
  }

  static func both(_ a: Filter, _ b: Filter) -> Filter {
    a == .all ? b : b == .all ? a : .and([a, b])
  }
}

extension SortKey {
  /// The same key the other way round.
  fileprivate var reversed: SortKey {
    SortKey(path, descending: !isDescending, nulls: nulls.map { $0 == .first ? .last : .first })
  }
}
