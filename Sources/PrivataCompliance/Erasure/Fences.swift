internal import PrivataCore
internal import Synchronization

/// People whose data is being erased: writes about them are refused meanwhile.
final class Fences: Sendable {
  /// One person behind a fence.
  struct Fence: Sendable, Hashable {
    let number: Int
    let model: String
    let key: Value
    let keyName: String
    /// The values by which other models refer to the person, by field of the person's model.
    let targets: [String: Value]
  }

  private struct State {
    var fences: [Fence] = []
    var next = 0
    /// Writes that are under way, by the number of fences that had been raised when they began.
    var writes: [Int: Int] = [:]
  }

  private let state = Mutex(State())

  /// Raises a fence; writes that begin from now on see it.
  func raise(_ graph: SubjectGraph, _ subject: Subject) -> Fence {
    state.withLock { state in
      state.next += 1
      let fence = Fence(
        number: state.next, model: graph.root.model.name, key: subject.key,
        keyName: graph.root.model.key.name, targets: subject.targets)
      state.fences.append(fence)
      return fence
    }
  }

  /// True while a person is being erased.
  func holds(_ key: Value, of model: String) -> Bool {
    state.withLock { state in
      state.fences.contains { $0.model == model && $0.key.lookupKey == key.lookupKey }
    }
  }

  /// Takes a fence down.
  func lower(_ fence: Fence) {
    state.withLock { state in state.fences.removeAll { $0.number == fence.number } }
  }

  /// Waits until every write that has begun by now has ended.
  func waitForWrites() async {
    state.withLock { $0.next += 1 }
    await waitForEarlierWrites()
  }

  /// Waits until every write that began before the last fence has ended.
  func waitForEarlierWrites() async {
    let number = state.withLock { $0.next }
    while state.withLock({ $0.writes.contains { $0.key < number } }) {
      do { try await Task.sleep(for: .milliseconds(1)) } catch { return }
    }
  }

  /// Notes that a write begins; answers the fences that it has to mind, and a ticket for
  /// ``leave(_:)``.
  func enter() -> (ticket: Int, fences: [Fence]) {
    state.withLock { state in
      state.writes[state.next, default: 0] += 1
      return (state.next, state.fences)
    }
  }

  /// Notes that a write has ended.
  func leave(_ ticket: Int) {
    state.withLock { state in
      let count = (state.writes[ticket] ?? 1) - 1
      state.writes[ticket] = count == 0 ? nil : count
    }
  }
}

extension VaultSession {
  /// Refuses a change that concerns a person who is being erased.
  ///
  /// - Throws: `subjectFrozen`.
  func check(
    _ write: Write, _ fences: [Fences.Fence], _ separation: Separation
  ) async throws(PrivataError) {
    for fence in fences {
      let filter = fence.filter(in: separation.model)
      guard filter != .none, try await concerns(write, fence, filter, separation) else { continue }
      throw PrivataError(
        .subjectFrozen, "the \(fence.model) that this change concerns is being erased",
        model: separation.model.name)
    }
  }

  private func concerns(
    _ write: Write, _ fence: Fences.Fence, _ filter: Filter, _ separation: Separation
  ) async throws(PrivataError) -> Bool {
    switch write {
    case .insert(let insert):
      let matcher = try FilterMatcher(filter, model: separation.model)
      for document in insert.rows.documents where try matcher.matches(document) { return true }
      return false
    case .update(let update):
      if update.changes.names(fence, in: separation.model) { return true }
      return try await matches(update.filter.and(filter), separation)
    case .delete(let delete): return try await matches(delete.filter.and(filter), separation)
    case .bulk(let writes, _):
      for write in writes where try await concerns(write, fence, filter, separation) { return true }
      return false
    }
  }

  private func matches(
    _ filter: Filter, _ separation: Separation
  ) async throws(PrivataError) -> Bool {
    let query = Query(separation.model, where: filter, answer: .exists)
    return try await rows(query, separation).value(row: 0, column: 0)?.asBool ?? false
  }
}

extension Fences.Fence {
  /// The records of a model that are the person's, or refer to them.
  func filter(in model: ModelSchema) -> Filter {
    var parts: [Filter] = []
    if model.name == self.model { parts.append(.compare(keyName, .equal, key)) }
    for (field, value) in references(in: model) {
      if case .array = field.type, !model.isOpen {
        parts.append(.list(field.name, .hasSome, [value]))
      } else {
        parts.append(.document(Document([.init(key: field.name, value: value)])))
      }
    }
    return parts.isEmpty ? .none : .or(parts)
  }

  /// The fields of a model that refer to the person, with the value that would.
  func references(in model: ModelSchema) -> [(field: FieldSchema, value: Value)] {
    model.fields.compactMap { field in
      guard let reference = field.reference, reference.model == self.model,
        let value = targets[reference.field ?? keyName]
      else { return nil }
      return (field, value)
    }
  }
}

extension Changes {
  /// True where the change would make a record refer to the person.
  fileprivate func names(_ fence: Fences.Fence, in model: ModelSchema) -> Bool {
    let references = fence.references(in: model)
    guard !references.isEmpty else { return false }
    switch self {
    case .assign(let assignments):
      return assignments.contains { assignment in
        references.contains { $0.field.name == assignment.field && $0.value == assignment.value }
      }
    case .replacement(let document):
      return references.contains { document[$0.field.name] == $0.value }
    case .operators(let operators):
      return operators.elements.contains { element in
        (element.value.asDocument?.elements ?? []).contains { change in
          references.contains {
            $0.field.name == Separation.root(of: change.key) && change.value.holds($0.value)
          }
        }
      }
    case .pipeline: return true
    }
  }
}

extension Value {
  /// True where the value is another one, or has it inside.
  fileprivate func holds(_ value: Value) -> Bool {
    switch self {
    case .array(let items): items.contains { $0.holds(value) }
    case .document(let document): document.elements.contains { $0.value.holds(value) }
    default: self == value
    }
  }
}

extension Insert.Rows {
  /// The records by field names.
  fileprivate var documents: [Document] {
    switch self {
    case .documents(let documents): documents
    case .cells(let fields, let batch): batch.documents(naming: fields, layout: .cells)
    }
  }
}
