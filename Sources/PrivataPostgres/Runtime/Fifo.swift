/// A queue: first in, first out, at constant cost.
struct Fifo<Element> {
  private var items: [Element?] = []
  private var head = 0

  var count: Int { items.count - head }
  var isEmpty: Bool { head == items.count }

  /// The one that waits longest.
  var first: Element? { isEmpty ? nil : items[head] }

  mutating func append(_ element: Element) { items.append(element) }

  mutating func popFirst() -> Element? {
    guard head < items.count else { return nil }
    let element = items[head].take()
    head += 1
    if head == items.count {
      items.removeAll(keepingCapacity: true)
      head = 0
    } else if head > 64, head > items.count / 2 {
      items.removeSubrange(..<head)
      head = 0
    }
    return element
  }

  /// Calls the body with each, the one that waits longest first.
  func forEach(_ body: (Element) -> Void) {
    for item in items[head...] { item.map(body) }
  }

  /// True where one matches.
  func contains(where matches: (Element) -> Bool) -> Bool {
    items[head...].contains { $0.map(matches) ?? false }
  }

  /// Removes and answers all that match.
  mutating func remove(where matches: (Element) -> Bool) -> [Element] {
    var removed: [Element] = []
    var kept: [Element?] = []
    for item in items[head...] {
      guard let element = item else { continue }
      if matches(element) { removed.append(element) } else { kept.append(element) }
    }
    guard !removed.isEmpty else { return [] }
    items = kept
    head = 0
    return removed
  }

  /// Removes and answers all.
  mutating func removeAll() -> [Element] { remove { _ in true } }
}

extension Fifo: Sendable where Element: Sendable {}
