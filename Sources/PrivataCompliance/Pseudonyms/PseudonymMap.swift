internal import PrivataCore
internal import Synchronization

/// Remembers which pseudonym belongs to which id, so that most translations send nothing.
///
/// Bounded: two generations of entries, of which the older one goes when the younger is full. A
/// stale entry gives no wrong record: a pseudonym is never used again, so it finds nothing.
///
/// Guesses are kept apart: they only let a read ask both stores at once, and what comes back is
/// checked against the row.
final class PseudonymMap: Sendable {
  fileprivate struct Key: Hashable {
    let reference: PersonReference
    let value: Value
    /// True where the value is a pseudonym: an id may be a text of any form.
    let isPseudonym: Bool

    /// Few keys differ in their reference alone.
    func hash(into hasher: inout Hasher) { hasher.combine(value) }
  }

  private struct State {
    var known = Generations()
    var guessed = Generations()
    /// How often something was forgotten.
    var epoch: UInt64 = 0
  }

  private let state = Mutex(State())
  private let bound: Int

  /// A map of at most about that many entries.
  init(bound: Int) { self.bound = max(bound, 2) }

  /// To be asked before a read whose pairs are added with ``insert(_:_:_:asOf:)``.
  var epoch: UInt64 { state.withLock { $0.epoch } }

  /// Remembers a pair, in both directions. One that was read before somebody was forgotten is not
  /// added: it may be theirs.
  func insert(
    _ id: Value, _ pseudonym: String, _ reference: PersonReference, asOf epoch: UInt64? = nil
  ) {
    state.withLock { state in
      if let epoch, epoch != state.epoch { return }
      state.known.insert(id, pseudonym, reference.single, bound)
    }
  }

  /// The pseudonym of an id.
  func pseudonym(of id: Value, _ reference: PersonReference) -> String? {
    state.withLock { $0.known.pseudonym(of: id, reference.single) }
  }

  /// The id that a pseudonym stands for.
  func person(_ pseudonym: String, _ reference: PersonReference) -> Value? {
    state.withLock { $0.known.person(pseudonym, reference.single) }
  }

  // MARK: - Guesses

  /// The pseudonym that an id had when it was last read.
  func guess(of id: Value, _ reference: PersonReference) -> String? {
    state.withLock { $0.guessed.pseudonym(of: id, reference) }
  }

  /// Remembers the pseudonym that a row has.
  func noteGuess(
    _ id: Value, _ pseudonym: String, _ reference: PersonReference, asOf epoch: UInt64
  ) {
    state.withLock { state in
      if epoch == state.epoch { state.guessed.insert(id, pseudonym, reference, bound) }
    }
  }

  // MARK: - Forgetting

  /// Forgets a person, by any of their pseudonyms.
  func remove(pseudonyms: [String]) {
    guard !pseudonyms.isEmpty else { return }
    state.withLock { state in
      state.epoch += 1
      for pseudonym in pseudonyms {
        state.known.remove(pseudonym)
        state.guessed.remove(pseudonym)
      }
    }
  }

  /// Forgets everything.
  func removeAll() { state.withLock { $0 = State(epoch: $0.epoch + 1) } }
}

/// Pairs in two generations.
private struct Generations {
  private var young: [PseudonymMap.Key: Value] = [:]
  private var old: [PseudonymMap.Key: Value] = [:]
  /// The references of all pairs.
  private var references: Set<PersonReference> = []

  mutating func insert(
    _ id: Value, _ pseudonym: String, _ reference: PersonReference, _ bound: Int
  ) {
    if young.count >= bound / 2 {
      old = young
      young = [:]
    }
    references.insert(reference)
    young[.id(id, reference)] = .string(pseudonym)
    young[.pseudonym(pseudonym, reference)] = id
  }

  func pseudonym(of id: Value, _ reference: PersonReference) -> String? {
    find(.id(id, reference))?.asString
  }

  func person(_ pseudonym: String, _ reference: PersonReference) -> Value? {
    find(.pseudonym(pseudonym, reference))
  }

  private func find(_ key: PseudonymMap.Key) -> Value? { young[key] ?? old[key] }

  /// A pair is added in both directions at once, so that one leads to the other.
  mutating func remove(_ pseudonym: String) {
    for reference in references {
      let back = PseudonymMap.Key.pseudonym(pseudonym, reference)
      for id in [young.removeValue(forKey: back), old.removeValue(forKey: back)] {
        guard let id else { continue }
        let forward = PseudonymMap.Key.id(id, reference)
        if young[forward] == back.value { young[forward] = nil }
        if old[forward] == back.value { old[forward] = nil }
      }
    }
  }
}

extension PseudonymMap.Key {
  fileprivate static func id(_ id: Value, _ reference: PersonReference) -> Self {
    Self(reference: reference, value: id.lookupKey, isPseudonym: false)
  }

  fileprivate static func pseudonym(_ text: String, _ reference: PersonReference) -> Self {
    Self(reference: reference, value: .string(text), isPseudonym: true)
  }
}

extension PersonReference {
  /// The reference of one value; arrays of ids share its entries.
  fileprivate var single: PersonReference {
    isArray ? PersonReference(target: target, field: field, isArray: false) : self
  }
}
