public import PrivataCore

/// Asks a plain store and a vault the same random queries and collects where they differ.
public struct SameAnswers {
  private let plain: any Store
  private let vault: any Store
  private let models: ClinicModels
  private var records: ClinicRecords
  /// True where rows without an order come in the same order too.
  private let isOrdered: Bool

  public init(
    plain: any Store, vault: any Store, models: ClinicModels, seed: Int, isOrdered: Bool
  ) {
    self.plain = plain
    self.vault = vault
    self.models = models
    self.isOrdered = isOrdered
    records = ClinicRecords(seed: seed)
  }

  /// Puts the same random records into both.
  public mutating func fill(patients: Int = 60, sessions: Int = 80, staff: Int = 40) async throws {
    let rows = [
      (models.patient, records.patients(patients)), (models.clinic, records.clinics(5)),
      (models.session, records.sessions(sessions)), (models.staff, records.staff(staff)),
    ]
    for store in [plain, vault] {
      try await (store as? any AdministrableStore)?.drop(models.all)
      try await store.prepare(models.all)
      for (model, documents) in rows { try await insert(documents, model, store) }
    }
  }

  private func insert(_ documents: [Document], _ model: ModelSchema, _ store: any Store)
    async throws
  {
    guard !model.isOpen else {
      _ = try await store.write(.insert(Insert(model, .documents(documents))))
      return
    }
    let names = model.fields.map(\.name)
    var batch = RowBatch(width: names.count)
    for document in documents {
      for name in names { batch.append(document[name]) }
    }
    _ = try await store.write(.insert(Insert(model, .cells(fields: names, batch))))
  }

  /// What asking both brought.
  public struct Comparison: Sendable {
    /// How many queries were asked.
    public var asked = 0
    /// How many of them were answered with anything at all.
    public var answered = 0
    /// How many were refused, by both alike.
    public var refused = 0
    /// The differences, one text each.
    public var differences: [String] = []
  }

  /// Asks both random queries: some for documents, some for cells.
  public func compare(documents: Int, cells: Int, seed: Int) async -> Comparison {
    var queries = ClinicQueries(models, records, seed: seed)
    var found = Comparison()
    for number in 0..<(documents + cells) {
      var query = number < documents ? queries.next() : queries.typed()
      if !isOrdered || query.hidesKey, query.limit != nil || query.skip > 0 {
        // Only an order without ties says which rows are within a limit.
        let key = query.model.key.name
        query.sort.removeAll { $0.path == key }
        query.sort.append(SortKey(key))
      }
      let wanted = await answer(query, plain)
      let got = await answer(query, vault)
      found.asked += 1
      if wanted.first?.hasPrefix("error") == true {
        found.refused += 1
      } else if !wanted.isEmpty {
        found.answered += 1
      }
      if wanted != got {
        found.differences.append("#\(number) \(difference(query, wanted, got))")
      }
    }
    return found
  }

  private func difference(_ query: Query, _ wanted: [String], _ got: [String]) -> String {
    """
    \(query.model.name) \(text(query.filter)) sort \(query.sort.map { "\($0.path) \($0.isDescending)" }) \
    skip \(query.skip) limit \(query.limit ?? -1) \(query.projection) \(query.answer)
      plain \(wanted)
      vault \(got)
    """
  }

  private func text(_ filter: Filter) -> String {
    if case .document(let document) = filter { return document.extendedJSON(.relaxed) }
    return "\(filter)"
  }

  private func answer(_ query: Query, _ store: any Store) async -> [String] {
    do {
      let rows = try await store.rows(for: query)
      var lines = (0..<rows.count).map { row in line(rows, row, query) }
      let isStrict = isOrdered && !query.hidesKey
      var isFree = !isStrict && query.sort.isEmpty
      if case .distinct = query.answer { isFree = true }
      if !isStrict, !query.sort.isEmpty, query.sort.last?.path != query.model.key.name {
        isFree = true
      }
      if isFree { lines.sort() }
      return lines
    } catch {
      return ["error \(error.code.name)"]
    }
  }

  private func line(_ rows: RowBatch, _ row: Int, _ query: Query) -> String {
    if query.layout == .documents, query.answer == .rows {
      let document = rows.document(row: row)
      let sorted = Document(document.elements.sorted { $0.key < $1.key })
      return sorted.extendedJSON(.canonical)
    }
    let values = (0..<rows.width).map { rows.value(row: row, column: $0) ?? .string("missing") }
    return Value.array(values).extendedJSON(.canonical)
  }
}

extension Query {
  /// True where the key is not asked for: such rows may come from the clinical half alone, which has
  /// an order of its own.
  fileprivate var hidesKey: Bool {
    switch projection {
    case .document(let document): document["_id"] == .int32(0)
    case .fields(let names): !names.contains(model.key.name)
    case .all: false
    }
  }
}
