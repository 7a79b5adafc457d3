internal import PrivataCore

/// What one path of a live document holds.
enum Slot: Sendable {
  /// A scalar, null, or a value of a path of anything; `.undefined` where nothing was given.
  case value(Value)
  /// A plain nested object.
  case nested(Slots)
  /// A single subdocument, or an element of an array of them.
  case subdocument(MongoDocument)
  /// A loaded document in place of the id that is stored.
  case populated(MongoDocument)
  case list(List)
  case map(Slots)

  /// Nothing was given.
  static let undefined = Slot.value(.undefined)

  var isUndefined: Bool { if case .value(.undefined) = self { true } else { false } }
  var isNull: Bool { if case .value(.null) = self { true } else { false } }
  var isNullish: Bool { if case .value(let value) = self { value.isNullish } else { false } }

  var document: MongoDocument? {
    switch self {
    case .subdocument(let document), .populated(let document): document
    default: nil
    }
  }

  var list: List? { if case .list(let list) = self { list } else { nil } }
}

/// Slots under names, in order.
struct Slots: Sendable {
  struct Entry: Sendable {
    var key: String
    var slot: Slot
  }

  var entries: [Entry] = []

  var keys: [String] { entries.map(\.key) }
  var isEmpty: Bool { entries.isEmpty }

  subscript(key: String) -> Slot? {
    get { entries.first { $0.key == key }?.slot }
    set {
      let index = entries.firstIndex { $0.key == key }
      switch (index, newValue) {
      case (let index?, let slot?): entries[index].slot = slot
      case (let index?, nil): entries.remove(at: index)
      case (nil, let slot?): entries.append(Entry(key: key, slot: slot))
      case (nil, nil): break
      }
    }
  }
}

/// An array with what was done to it since it was loaded or saved.
struct List: Sendable {
  /// The one operator that `save()` sends for the array; different kinds fall back to `$set`.
  enum Change: Sendable {
    case none
    case set
    case push(Push)
    case addToSet([Slot])
    case pullAll([Slot])
    /// Elements by id, or as whole documents where they have none.
    case pull(ids: [Value], documents: [Value])
    case pop(Int32)
  }

  struct Push: Sendable {
    var each: [Slot]
    var position: Value?
    var slice: Value?
    var sort: Value?
    var hasModifiers: Bool { position != nil || slice != nil || sort != nil }
  }

  var elements: [Slot]
  var change = Change.none
  /// `$pop` and `$shift` act once per save.
  var wasPopped = false

  init(_ elements: [Slot]) { self.elements = elements }

  var hasChange: Bool { if case .none = change { false } else { true } }
  var isSet: Bool { if case .set = change { true } else { false } }
}

/// The state of each path of a document: a path is in one state at a time.
struct PathStates: Sendable {
  enum State: Sendable { case require, modify, initial, fallback, ignore }

  private var states: [String: State] = [:]
  /// Paths of a state in the order in which they came to it.
  private var ordered: [State: [String]] = [:]

  subscript(path: String) -> State? { states[path] }

  mutating func change(_ path: String, to state: State) {
    let before = states[path]
    if before == state { return }
    if let before { ordered[before]?.removeAll { $0 == path } }
    states[path] = state
    ordered[state, default: []].append(path)
  }

  mutating func clear(_ path: String) {
    guard let before = states.removeValue(forKey: path) else { return }
    ordered[before]?.removeAll { $0 == path }
  }

  mutating func clearAll(_ state: State) {
    for path in ordered[state] ?? [] { states[path] = nil }
    ordered[state] = nil
  }

  /// Forgets all states but one.
  mutating func keep(only state: State) {
    let kept = ordered[state] ?? []
    states = Dictionary(kept.map { ($0, state) }, uniquingKeysWith: { $1 })
    ordered = kept.isEmpty ? [:] : [state: kept]
  }

  mutating func replace(_ state: State, with paths: [String]) {
    clearAll(state)
    for path in paths { change(path, to: state) }
  }

  func paths(_ state: State) -> [String] { ordered[state] ?? [] }
  func has(_ state: State) -> Bool { !(ordered[state]?.isEmpty ?? true) }
}
