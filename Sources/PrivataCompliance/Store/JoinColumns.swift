internal import PrivataCore

/// Which columns a joined read fetches from each half, and where the cells of a joined row come from.
struct JoinColumns: Sendable {
  /// What the identity store is asked for; ends with the pseudonym in the layout of cells.
  let identity: Projection
  /// What the clinical store is asked for; begins with its key in the layout of cells.
  let clinical: Projection
  /// The names of the joined row's cells: first the answer's, then what only filter and order need.
  let names: [String]
  /// How many of the names belong to the answer.
  let answered: Int
  /// For each name its half and column.
  let sources: [(half: Half, column: Int)]
  /// The same as one number each: a column of the identity half, or the complement of one of the
  /// clinical half.
  let places: [Int]
  /// The columns of the clinical rows that hold references.
  let references: [(column: Int, reference: PersonReference)]
  /// The identity column that holds the pseudonym.
  let linkColumn: Int

  init(_ query: Query, _ needs: ReadNeeds, _ separation: Separation) {
    let answer = Self.answer(query, needs, separation)
    var names = answer
    if query.layout == .cells {
      var use = needs.sort
      use.formUnion(needs.filter.residualUse)
      let all = use.isAll ? separation.model.fields.map(\.name) : use.names.sorted()
      names += all.filter { !names.contains($0) }
    }
    self.names = names
    answered = answer.count
    var identity: [String] = []
    var clinical = [separation.clinicalKey]
    var sources: [(half: Half, column: Int)] = []
    for name in names {
      if separation.holds(name, in: .identity) {
        sources.append((.identity, identity.count))
        identity.append(name)
      } else {
        sources.append((.clinical, clinical.count))
        clinical.append(name)
      }
    }
    self.sources = sources
    places = sources.map { $0.half == .identity ? $0.column : ~$0.column }
    let link = separation.link ?? ""
    linkColumn = identity.firstIndex(of: link) ?? identity.count
    if linkColumn == identity.count { identity.append(link) }
    references = clinical.enumerated().compactMap { column, name in
      separation.references[name].map { (column, $0) }
    }
    switch query.layout {
    case .cells:
      self.identity = .fields(identity)
      self.clinical = .fields(clinical)
    case .documents:
      let left = Self.excluded(query, needs, separation)
      self.identity = Self.projection(.identity, needs, separation, without: left)
      self.clinical = Self.projection(.clinical, needs, separation, without: left)
    }
  }

  /// The clinical rows beside the identity rows, with or without the pseudonym as a last cell.
  func joined(_ separation: Separation, withLink: Bool) -> JoinedHalf? {
    guard let clinical = separation.clinical, !names.isEmpty else { return nil }
    var places = zip(names, sources).map { name, source in
      source.half == .identity ? JoinedHalf.Place.own(source.column) : .other(name)
    }
    if withLink { places.append(.own(linkColumn)) }
    return JoinedHalf(
      clinical, key: separation.clinicalKey, link: linkColumn, places: places)
  }

  private static func answer(
    _ query: Query, _ needs: ReadNeeds, _ separation: Separation
  ) -> [String] {
    guard query.layout == .cells else { return [] }
    guard case .rows = query.answer else { return needs.output.names.sorted() }
    switch query.projection {
    case .fields(let names): return names
    case .all, .document: return separation.model.fields.map(\.name)
    }
  }

  private static func projection(
    _ half: Half, _ needs: ReadNeeds, _ separation: Separation, without left: [String]
  ) -> Projection {
    let use = needs.fetched
    if use.isAll {
      let absent = left.filter { separation.holds($0, in: half) }
      return absent.isEmpty
        ? .all : .document(Document(absent.map { .init(key: $0, value: .int32(0)) }))
    }
    let link = half == .identity ? separation.link ?? "" : separation.clinicalKey
    var elements = [Document.Element(key: link, value: .int32(1))]
    for name in use.names.sorted() where name != link && separation.holds(name, in: half) {
      elements.append(.init(key: name, value: .int32(1)))
    }
    if half == .clinical, link != "_id" { elements.append(.init(key: "_id", value: .int32(0))) }
    return .document(Document(elements))
  }

  /// The fields that the answer leaves out and nothing else reads: they are not asked for at all.
  private static func excluded(
    _ query: Query, _ needs: ReadNeeds, _ separation: Separation
  ) -> [String] {
    guard case .document(let document) = query.projection, !document.isInclusion,
      !needs.sort.isAll, !needs.filter.residualUse.isAll
    else { return [] }
    let read = needs.sort.names.union(needs.filter.residualUse.names)
    return document.elements.filter { element in
      element.value.isOff && separation.model.position(of: element.key) != nil
        && !read.contains(element.key) && element.key != separation.model.key.name
        && element.key != separation.link && separation.references[element.key] == nil
    }.map(\.key)
  }
}
