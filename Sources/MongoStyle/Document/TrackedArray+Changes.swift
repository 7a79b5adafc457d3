public import PrivataCore

extension TrackedArray {
  /// Assigns one element: `$set` of its position, with a version check.
  public func set(_ index: Int, _ value: Value) throws {
    try document.outwardly {
      let slot = try cast(.value(value), at: index)
      document.markModified("\(path).\(index)")
      var list = list
      while list.elements.count <= index { list.elements.append(.undefined) }
      list.elements[index] = slot
      store(list)
    }
  }

  /// Appends values: `$push`.
  @discardableResult
  public func push(_ values: Value...) throws -> Int { try push(contentsOf: values) }

  /// Appends values: `$push`.
  @discardableResult
  public func push(contentsOf values: [Value]) throws -> Int {
    try document.outwardly { try pushSlots(values.map { .value($0) }) }
  }

  /// Appends loaded documents to an array of references.
  @discardableResult
  public func push(_ documents: [MongoDocument]) throws -> Int {
    try document.outwardly {
      try pushSlots(documents.map { $0.isPart ? .subdocument($0) : .populated($0) })
    }
  }

  /// Inserts values at a position, or with other modifiers of `$push`.
  @discardableResult
  public func push(
    each values: [Value], position: Int? = nil, slice: Int? = nil, sort: Value? = nil
  ) throws -> Int {
    try document.outwardly {
      var push = List.Push(each: values.map { .value($0) })
      push.position = position.map { .int($0) }
      push.slice = slice.map { .int($0) }
      push.sort = sort
      return try add(push)
    }
  }

  func pushSlots(_ slots: [Slot]) throws -> Int {
    if case .value(.document(let modifiers))? = slots.first, let each = modifiers["$each"] {
      var push = List.Push(each: (each.asArray ?? []).map { .value($0) })
      push.position = modifiers["$position"]
      push.slice = modifiers["$slice"]
      push.sort = modifiers["$sort"]
      return try add(push)
    }
    try depopulateIfNeeded(slots)
    return try add(List.Push(each: slots))
  }

  private func add(_ push: List.Push) throws -> Int {
    checkManualPopulation(push.each)
    var push = push
    let start = list.elements.count
    push.each = try push.each.enumerated().map { try cast($1, at: start + $0) }
    mark()
    var list = list
    let position = push.position?.asInt
    if push.hasModifiers, case .push(let old) = list.change, !old.each.isEmpty,
      old.position?.asInt != position
    {
      register(.set, in: &list)
    }
    if let position {
      let index = position < 0 ? max(0, list.elements.count + position) : position
      list.elements.insert(contentsOf: push.each, at: min(index, list.elements.count))
    } else {
      list.elements += push.each
    }
    register(.push(push), in: &list)
    store(list)
    if position != nil { reindex(list) }
    return list.elements.count
  }

  /// Appends values that the array does not have yet: `$addToSet`. Answers those that were added.
  @discardableResult
  public func addToSet(_ values: Value...) throws -> [Value] {
    try addToSet(contentsOf: values)
  }

  /// Appends values that the array does not have yet: `$addToSet`. Answers those that were added.
  @discardableResult
  public func addToSet(contentsOf values: [Value]) throws -> [Value] {
    try document.outwardly {
      try depopulateIfNeeded(values.map { .value($0) })
      var added: [Value] = []
      let start = list.elements.count
      for (offset, value) in values.enumerated() {
        let slot = try cast(.value(value), at: start + offset)
        var list = list
        guard !list.elements.contains(where: { isSame($0, slot) }) else { continue }
        mark()
        list.elements.append(slot)
        register(.addToSet([slot]), in: &list)
        store(list)
        added.append(slot.plain)
      }
      return added
    }
  }

  private func isSame(_ a: Slot, _ b: Slot) -> Bool {
    if let left = a.document, let right = b.document { return left.isSame(as: right) }
    return a.stored.isDeepEqual(to: b.stored)
  }

  /// Removes equal values, or subdocuments by id: `$pull` or `$pullAll`.
  public func pull(_ values: Value...) throws { try pull(contentsOf: values) }

  /// Removes equal values, or subdocuments by id: `$pull` or `$pullAll`.
  public func pull(contentsOf values: [Value]) throws {
    try document.outwardly {
      let wanted = try values.map { try castForPull($0) }
      mark()
      var list = list
      list.elements.removeAll { element in wanted.contains { isSame(element, $0) } }
      if case .subdocument? = wanted.first {
        registerPull(wanted, &list)
      } else {
        register(.pullAll(wanted), in: &list)
      }
      if document.cleanModified(below: path) > 0 { register(.set, in: &list) }
      store(list)
      reindex(list)
    }
  }

  private func castForPull(_ value: Value) throws -> Slot {
    guard let found, case .documentArray(let schema) = found.kind else {
      return try cast(.value(value), at: 0)
    }
    var plain = value
    if case .document = plain {} else { plain = ["_id": plain] }
    var options = ConstructOptions()
    options.appliesDefaults = false
    options.place = .element(path: path, index: nil)
    let made = try MongoDocument.construct(
      core: document.core, schema: schema.resolved(for: plain), values: .value(plain),
      options: options)
    return .subdocument(made)
  }

  private func registerPull(_ wanted: [Slot], _ list: inout List) {
    var ids: [Value] = []
    var documents: [Value] = []
    for case .subdocument(let document) in wanted {
      let id = document.rawValue("_id")
      if id.isUndefined {
        documents.append(.document(document.storedForm()))
      } else {
        ids.append(id)
      }
    }
    if list.hasChange {
      list.change = .set
    } else {
      list.change = .pull(ids: ids, documents: documents)
    }
  }

  /// Removes the last element in memory and stores the array whole: `$set`.
  @discardableResult
  public func pop() -> Value { change { $0.isEmpty ? .undefined : $0.removeLast().plain } }

  /// Removes the first element in memory and stores the array whole: `$set`.
  @discardableResult
  public func shift() -> Value { change { $0.isEmpty ? .undefined : $0.removeFirst().plain } }

  /// Removes the last element, once per save: `$pop` 1.
  @discardableResult
  public func atomicPop() -> Value { popOnce(1) }

  /// Removes the first element, once per save: `$pop` -1.
  @discardableResult
  public func atomicShift() -> Value { popOnce(-1) }

  private func popOnce(_ end: Int32) -> Value {
    document.locked {
      var list = list
      register(.pop(end), in: &list)
      mark()
      var removed = Value.undefined
      if !list.wasPopped, !list.elements.isEmpty {
        removed = (end == 1 ? list.elements.removeLast() : list.elements.removeFirst()).plain
        list.wasPopped = true
      }
      store(list)
      reindex(list)
      return removed
    }
  }

  /// Puts values in front and stores the array whole: `$set`. Answers the new count.
  @discardableResult
  public func unshift(_ values: Value...) throws -> Int { try unshift(contentsOf: values) }

  /// Puts values in front and stores the array whole: `$set`. Answers the new count.
  @discardableResult
  public func unshift(contentsOf values: [Value]) throws -> Int {
    try document.outwardly {
      let slots = try values.enumerated().map { try cast(.value($1), at: $0) }
      return change {
        $0.insert(contentsOf: slots, at: 0)
        return $0.count
      }
    }
  }

  /// Removes and inserts elements and stores the array whole: `$set`. Answers the removed ones.
  @discardableResult
  public func splice(_ start: Int, _ count: Int? = nil, _ values: [Value] = []) throws -> [Value] {
    try document.outwardly {
      let slots = try values.enumerated().map { try cast(.value($1), at: start + $0) }
      return change { elements in
        let first = min(max(0, start < 0 ? elements.count + start : start), elements.count)
        let last = min(elements.count, first + max(0, count ?? elements.count))
        let removed = elements[first..<last].map(\.plain)
        elements.replaceSubrange(first..<last, with: slots)
        return removed
      }
    }
  }

  /// Sorts by MongoDB's order, or as texts where nothing is said, and stores the array whole.
  public func sort(by areInOrder: ((Value, Value) -> Bool)? = nil) {
    change { elements in
      elements.sort { a, b in
        if let areInOrder { return areInOrder(a.plain, b.plain) }
        let left = JavaScript.text(a.plain) ?? ""
        let right = JavaScript.text(b.plain) ?? ""
        return Array(left.utf16).lexicographicallyPrecedes(Array(right.utf16))
      }
    }
  }

  /// Turns the order around and stores the array whole: `$set`.
  public func reverse() { change { $0.reverse() } }

  /// Changes the elements and stores the array whole.
  @discardableResult
  private func change<R>(_ body: (inout [Slot]) -> R) -> R {
    document.locked {
      mark()
      var list = list
      let result = body(&list.elements)
      register(.set, in: &list)
      store(list)
      reindex(list)
      return result
    }
  }

  // MARK: - Loaded documents

  /// Loaded documents put into an empty array of references make it populated.
  private func checkManualPopulation(_ slots: [Slot]) {
    guard list.elements.isEmpty, !slots.isEmpty, let name = found?.refName else { return }
    let models = slots.compactMap { slot -> ModelCore? in
      if case .populated(let document) = slot { document.core } else { nil }
    }
    guard models.count == slots.count,
      models.allSatisfy({ $0.name == name || $0.baseName == name })
    else { return }
    document.setPopulated(path, PopulatedPath(ids: .array([]), model: models[0]))
  }

  /// An id among loaded documents puts the ids back.
  private func depopulateIfNeeded(_ slots: [Slot]) throws {
    guard found?.refName != nil, document.state.populated[path] != nil else { return }
    let holdsID = slots.contains { slot in
      switch slot {
      case .value(.document), .populated, .subdocument: false
      case .value(let value): !value.isNullish
      default: false
      }
    }
    if holdsID { document.depopulate(path) }
  }
}
