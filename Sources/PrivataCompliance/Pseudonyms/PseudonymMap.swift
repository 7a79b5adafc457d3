internal import PrivataCore
internal import Synchronization

/// Remembers which pseudonym belongs to which id, so that most translations send nothing.
///
/// Bounded: two generations of entries, of which the older one goes when the younger is full. A
/// stale entry gives no wrong record: a pseudonym is never used again, so it finds nothing.
final class PseudonymMap: Sendable {
  private struct Key: Hashable {
    let reference: PersonReference
    let value: Value
    /// True where the value is a pseudonym: an id may be a text of any form.
    let isPseudonym: Bool
  }

  private struct State {
    var young: [Key: Value] = [:]
    var old: [Key: Value] = [:]
  }

  private let state = Mutex(State())
  private let bound: Int

  /// A map of at most about that many entries.
  init(bound: Int) { self.bound = max(bound, 2) }

  /// Remembers a pair, in both directions.
  func insert(_ id: Value, _ pseudonym: String, _ reference: PersonReference) {
    let reference = reference.single
    state.withLock { state in
      if state.young.count >= bound / 2 {
        state.old = state.young
        state.young = [:]
      }
      let forward = Key(reference: reference, value: id.lookupKey, isPseudonym: false)
      let back = Key(reference: reference, value: .string(pseudonym), isPseudonym: true)
      state.young[forward] = .string(pseudonym)
      state.young[back] = id
    }
  }

  /// The pseudonym of an id.
  func pseudonym(of id: Value, _ reference: PersonReference) -> String? {
    find(Key(reference: reference.single, value: id.lookupKey, isPseudonym: false))?.asString
  }

  /// The id that a pseudonym stands for.
  func person(_ pseudonym: String, _ reference: PersonReference) -> Value? {
    find(Key(reference: reference.single, value: .string(pseudonym), isPseudonym: true))
  }

  private func find(_ key: Key) -> Value? {
    state.withLock { $0.young[key] ?? $0.old[key] }
  }

  /// Forgets a person, by any of their pseudonyms.
  func remove(pseudonyms: [String]) {
    let gone = Set(pseudonyms.map { Value.string($0) })
    guard !gone.isEmpty else { return }
    state.withLock { state in
      state.young = state.young.filter { !gone.contains($0.value) && !gone.contains($0.key.value) }
      state.old = state.old.filter { !gone.contains($0.value) && !gone.contains($0.key.value) }
    }
  }

  /// Forgets everything.
  func removeAll() { state.withLock { $0 = State() } }
}

extension PersonReference {
  /// The reference of one value; arrays of ids share its entries.
  fileprivate var single: PersonReference {
    PersonReference(target: target, field: field, isArray: false)
  }
}
