internal import PrivataCore

/// What `save()` sends for a stored document.
struct Delta {
  var filter: Document
  var update: Document
}

extension MongoDocument {
  /// A changed path without a changed one above it.
  struct Dirty {
    var path: String
    var slot: Slot
  }

  /// The changed paths and the filled-in defaults, the highest ones.
  func dirtyPaths() -> [Dirty] {
    var all: [Dirty] = []
    for path in state.paths.paths(.modify) {
      all.append(Dirty(path: path, slot: storedSlot(path) ?? .undefined))
    }
    for path in state.paths.paths(.fallback) where path != "_id" {
      guard let slot = storedSlot(path), !slot.isNullish else { continue }
      all.append(Dirty(path: path, slot: slot))
    }
    let names = Set(all.map(\.path))
    var minimal: [Dirty] = []
    for item in all {
      guard let top = item.path.parentPaths.dropLast().first(where: names.contains) else {
        minimal.append(item)
        continue
      }
      if case .list(var list)? = storedSlot(top), list.hasChange {
        list.change = .set
        storeSlot(top, .list(list))
      }
    }
    // An array that turned into `$set` above may have been noted before.
    return minimal.map { Dirty(path: $0.path, slot: storedSlot($0.path) ?? .undefined) }
  }

  /// Filter and update of the changes; `nil` where nothing is to be sent.
  ///
  /// - Throws: ``DivergentArrayError``.
  func delta(only paths: [String]? = nil) throws -> Delta? {
    let dirty = dirtyPaths().filter { item in
      paths.map { Self.isPart(item.path, of: $0) } ?? true
    }
    applyOptimisticConcurrency(hasChanges: !dirty.isEmpty, only: paths)
    if dirty.isEmpty, state.version != .all { return nil }
    var builder = UpdateBuilder(filter: ["_id": storedSlot("_id")?.stored ?? .undefined])
    var divergent: [String] = []
    for item in dirty {
      if let path = divergence(item) {
        divergent.append(path)
        continue
      }
      if isDefault(item.path), isLeftOut(item.path) { continue }
      append(item, to: &builder)
    }
    if !divergent.isEmpty { throw DivergentArrayError(paths: divergent) }
    if !state.version.isEmpty { applyVersion(&builder) }
    return Delta(filter: builder.filter, update: builder.update)
  }

  static func isPart(_ path: String, of paths: [String]) -> Bool {
    paths.contains { path == $0 || path.hasPrefix($0 + ".") }
  }

  private func isLeftOut(_ path: String) -> Bool {
    guard let fields = state.selection?.fields, !path.utf8.contains(0x2E) else { return false }
    if let value = fields[path] { return !value.isTruthy }
    return false
  }

  // MARK: - Operators

  private func append(_ item: Dirty, to builder: inout UpdateBuilder) {
    var path = item.path
    if state.populated[path] == nil, let projected = elementMatch(path) {
      builder.filter[projected.array] = projected.condition
      path = projected.path
    }
    switch item.slot {
    case .value(.undefined): send("$unset", path, 1, &builder)
    case .list(let list): append(list, path, &builder)
    default:
      if let increment = state.increments[item.path] {
        send("$inc", path, JavaScript.stored(increment), &builder)
      } else {
        send("$set", path, item.slot.stored, &builder)
      }
    }
  }

  private func append(_ list: List, _ path: String, _ builder: inout UpdateBuilder) {
    switch list.change {
    case .none, .set: send("$set", path, Slot.list(list).stored, &builder)
    case .push(let push):
      var operand: Document = ["$each": .array(push.each.map(\.stored))]
      if let position = push.position { operand["$position"] = position }
      if let slice = push.slice { operand["$slice"] = slice }
      if let sort = push.sort { operand["$sort"] = sort }
      send("$push", path, .document(operand), &builder)
    case .addToSet(let slots):
      send("$addToSet", path, ["$each": .array(slots.map(\.stored))], &builder)
    case .pullAll(let slots): send("$pullAll", path, .array(slots.map(\.stored)), &builder)
    case .pull(let ids, let documents):
      let operand: Document =
        documents.isEmpty ? ["_id": ["$in": .array(ids)]] : ["$or": .array(documents)]
      send("$pull", path, .document(operand), &builder)
    case .pop(let end): send("$pop", path, .int32(end), &builder)
    }
  }

  /// Adds an operator; changes of arrays that depend on positions bring the version in.
  private func send(
    _ name: String, _ path: String, _ value: Value, _ builder: inout UpdateBuilder
  ) {
    builder.add(name, path, value)
    guard schema.options.versionKey != nil, schema.options.optimisticConcurrency == .off else {
      return
    }
    if skipsVersioning(path) || state.version == .all { return }
    let hasIndex = path.hasIndexStep
    switch name {
    case "$push", "$addToSet", "$pull", "$pullAll":
      if hasIndex { state.version = .all } else { state.version.insert(.increment) }
    case "$pop": state.version = .all
    case "$set", "$unset", "$inc":
      if case .array = value {
        state.version = .all
      } else if hasIndex {
        state.version.insert(.check)
      }
    default: break
    }
  }

  private func skipsVersioning(_ path: String) -> Bool {
    guard !schema.options.skipVersioning.isEmpty else { return false }
    let plain = path.steps.filter { !$0.isIndex }.joined(separator: ".")
    return schema.options.skipVersioning.contains(plain)
  }

  // MARK: - Version

  private func applyOptimisticConcurrency(hasChanges: Bool, only paths: [String]?) {
    let concerned: Bool
    switch schema.options.optimisticConcurrency {
    case .off: return
    case .on: concerned = true
    case .only(let names):
      concerned = relevantPaths(paths).contains { path in
        names.contains { $0 == path || path.hasPrefix($0 + ".") || $0.hasPrefix(path + ".") }
      }
    case .except(let names):
      concerned = relevantPaths(paths).contains { path in
        !names.contains { $0 == path || path.hasPrefix($0 + ".") }
      }
    }
    if concerned { state.version = hasChanges ? .all : .check }
  }

  private func relevantPaths(_ paths: [String]?) -> [String] {
    state.paths.paths(.modify).filter { path in
      paths.map { Self.isPart(path, of: $0) } ?? true
    }
  }

  func applyVersion(_ builder: inout UpdateBuilder) {
    guard let key = schema.options.versionKey, isSelected(key) else { return }
    if state.version.contains(.check) {
      let value = rawValue(key)
      if !value.isNullish { builder.filter[key] = value }
    }
    guard state.version.contains(.increment) else { return }
    if let set = builder.operand("$set")[key], let number = set.asInt {
      builder.replace("$set", key, .int(number + 1))
    } else {
      builder.add("$inc", key, 1)
    }
  }

  // MARK: - Arrays loaded in part

  private func elementMatch(
    _ path: String
  ) -> (array: String, condition: Value, path: String)? {
    let steps = path.steps
    guard let condition = state.selection?.fields[steps[0]],
      condition.asDocument?.contains("$elemMatch") ?? false,
      steps.count > 1, steps[1] == "0"
    else { return nil }
    var changed = steps
    changed[1] = "$"
    return (steps[0], condition, changed.joined(separator: "."))
  }

  private func divergence(_ item: Dirty) -> String? {
    let top = item.path.firstStep
    guard let populated = state.populated[item.path] else {
      return partialDivergence(item, top)
    }
    guard case .list(let list) = item.slot, let request = populated.request,
      request.isPartial
    else { return nil }
    switch list.change {
    case .none, .set, .pop: return item.path
    default: return nil
    }
  }

  private func partialDivergence(_ item: Dirty, _ top: String) -> String? {
    guard let fields = state.selection?.fields else { return nil }
    if fields.contains("\(top).$") { return top }
    guard case .document(let condition)? = fields[top] else { return nil }
    if condition.contains("$slice"), case .list(let list) = item.slot, list.isSet { return top }
    if condition.contains("$elemMatch"), elementMatch(item.path) == nil { return item.path }
    return nil
  }
}

/// Collects the operators of an update in the order in which they come up.
struct UpdateBuilder {
  var filter: Document
  private var operators: [(name: String, operand: Document)] = []

  init(filter: Document) { self.filter = filter }

  mutating func add(_ name: String, _ path: String, _ value: Value) {
    if let index = operators.firstIndex(where: { $0.name == name }) {
      operators[index].operand[path] = value
    } else {
      operators.append((name, [path: value]))
    }
  }

  mutating func replace(_ name: String, _ path: String, _ value: Value) { add(name, path, value) }

  func operand(_ name: String) -> Document {
    operators.first { $0.name == name }?.operand ?? Document()
  }

  var update: Document {
    Document(operators.map { Document.Element(key: $0.name, value: .document($0.operand)) })
  }
}
