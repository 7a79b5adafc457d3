/// A queue: first in, first out, each operation in constant time on average.
package struct FIFO<Element> {
  private var elements: [Element?] = []
  private var head = 0

  /// An empty queue.
  package init() {}

  /// The number of elements that wait.
  package var count: Int { elements.count - head }

  /// True where none waits.
  package var isEmpty: Bool { head == elements.count }

  /// The element that has waited longest.
  package var first: Element? { isEmpty ? nil : elements[head] }

  /// Adds an element at the end.
  package mutating func append(_ element: Element) { elements.append(element) }

  /// Takes the element that has waited longest.
  package mutating func popFirst() -> Element? {
    guard !isEmpty else { return nil }
    let element = elements[head].take()
    head += 1
    if head == elements.count {
      elements.removeAll(keepingCapacity: true)
      head = 0
    } else if head >= 64, head * 2 >= elements.count {
      elements.removeFirst(head)
      head = 0
    }
    return element
  }

  /// Takes the waiting elements that a test picks, in their order.
  package mutating func removeAll(where isPicked: (Element) -> Bool) -> [Element] {
    let waiting = elements[head...].compactMap(\.self)
    elements = waiting.filter { !isPicked($0) }
    head = 0
    return waiting.filter(isPicked)
  }
}

extension FIFO: Sendable where Element: Sendable {}
