/// A few elements, of which one alone costs no array.
struct OneOrMore<Element> {
  private(set) var first: Element?
  private var rest: [Element] = []

  /// Nothing yet.
  init() {}

  /// One element.
  init(_ first: Element) { self.first = first }

  /// The elements of a list.
  init(all elements: some Sequence<Element>) {
    for element in elements { append(element) }
  }

  var count: Int { first == nil ? 0 : rest.count + 1 }
  var isEmpty: Bool { first == nil }
  var last: Element? { rest.last ?? first }

  mutating func append(_ element: Element) {
    if first == nil { first = element } else { rest.append(element) }
  }

  /// Calls the body with each element in order.
  @inline(__always)
  func forEach<E: Error>(_ body: (Element) throws(E) -> Void) throws(E) {
    guard let first else { return }
    try body(first)
    for element in rest { try body(element) }
  }

  /// The elements as a list.
  var all: [Element] { first.map { [$0] + rest } ?? [] }
}

extension OneOrMore: Sendable where Element: Sendable {}
