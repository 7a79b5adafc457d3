/// The statements that one connection has prepared, the least recently used leaving first.
struct PreparedStatements: Sendable {
  private struct Entry {
    var name: String
    var lastUse: Int
  }

  private var entries: [Int: Entry] = [:]
  private var clock = 0
  private let limit: Int

  /// Room for so many statements.
  init(limit: Int) { self.limit = max(limit, 1) }

  var count: Int { entries.count }

  /// The name of a prepared shape, marked as just used.
  mutating func name(of shape: Int) -> String? {
    clock &+= 1
    guard let index = entries.index(forKey: shape) else { return nil }
    entries.values[index].lastUse = clock
    return entries.values[index].name
  }

  /// A fresh name for a shape, and the name that has to go to make room. Names never come again, so
  /// that one that could not be removed is in nobody's way.
  mutating func add(_ shape: Int) -> (name: String, evicted: String?) {
    clock &+= 1
    var evicted: String?
    if entries.count >= limit, let oldest = entries.min(by: { $0.value.lastUse < $1.value.lastUse })
    {
      evicted = oldest.value.name
      entries[oldest.key] = nil
    }
    let name = "privata_\(clock)"
    entries[shape] = Entry(name: name, lastUse: clock)
    return (name, evicted)
  }

  /// Forgets a shape that turned out not to be prepared, if it still has that name.
  mutating func remove(_ shape: Int, named name: String) {
    if entries[shape]?.name == name { entries[shape] = nil }
  }

  /// Forgets a shape, to be prepared anew.
  mutating func remove(_ shape: Int) { entries[shape] = nil }
}
