import PrivataCompliance
import PrivataCore
import Synchronization
import Testing

@Suite struct MemoryCacheTests {
  /// A clock that a test moves.
  private final class Clock: Sendable {
    private let offset = Mutex(Duration.zero)
    private let start = ContinuousClock.now
    func advance(_ by: Duration) { offset.withLock { $0 += by } }
    var now: ContinuousClock.Instant { offset.withLock { start + $0 } }
  }

  private func cache(entries: Int, bytes: Int = 1_000, clock: Clock = Clock()) -> MemoryCache<
    String, String
  > {
    MemoryCache(entries: entries, bytes: bytes, shards: 1, now: { clock.now }) { $0.utf8.count }
  }

  @Test func theLeastRecentlyUsedGoesFirst() {
    let cache = cache(entries: 3)
    for key in ["a", "b", "c"] { cache.set(key, for: key) }
    #expect(cache.value(for: "a") == "a")
    cache.set("d", for: "d")
    #expect(cache.values(for: ["a", "b", "c", "d"]).keys.sorted() == ["a", "c", "d"])
    // Looking is no use: "c" was read by `values`, "a" before it.
    #expect(cache.contains("a"))
    cache.set("e", for: "e")
    #expect(!cache.contains("a"))
    #expect(cache.usage.entries == 3)
  }

  @Test func bytesAreBounded() {
    let cache = cache(entries: 100, bytes: 10)
    cache.set("1234", for: "a")
    cache.set("1234", for: "b")
    cache.set("123", for: "c")
    #expect(!cache.contains("a") && cache.contains("b") && cache.contains("c"))
    #expect(cache.usage.bytes == 7)
    cache.set("12345678901", for: "b")
    #expect(!cache.contains("b"), "larger than the cache, and the old value is no longer true")
    #expect(cache.usage.bytes == 3)
    cache.set("12345", for: "c")
    #expect(cache.usage.bytes == 5 && cache.value(for: "c") == "12345")
  }

  @Test func entriesLiveForTheirLifetime() {
    let clock = Clock()
    let cache = cache(entries: 10, clock: clock)
    cache.set("x", for: "short", lifetime: .seconds(1))
    cache.set(contentsOf: ["long": "y"], lifetime: .seconds(10))
    cache.set("z", for: "ever")
    clock.advance(.milliseconds(999))
    #expect(cache.value(for: "short") == "x")
    clock.advance(.milliseconds(1))
    #expect(!cache.contains("short") && cache.value(for: "short") == nil)
    clock.advance(.seconds(10))
    #expect(cache.value(for: "long") == nil && cache.value(for: "ever") == "z")
    #expect(cache.usage.entries == 1)
  }

  @Test func removes() {
    let cache = cache(entries: 10)
    for key in ["a1", "a2", "b1"] { cache.set(key, for: key) }
    cache.remove("a1")
    cache.remove("a1")
    cache.removeAll { $0.hasPrefix("a") }
    #expect(cache.values(for: ["a1", "a2", "b1"]) == ["b1": "b1"])
  }

  @Test func agreesWithAnyOrderOfUse() {
    let cache = cache(entries: 8)
    var order: [String] = []
    var random = SystemRandomNumberGenerator()
    for _ in 0..<20_000 {
      let key = String(Int.random(in: 0..<16, using: &random))
      switch Int.random(in: 0..<10, using: &random) {
      case 0:
        cache.remove(key)
        order.removeAll { $0 == key }
      case 1..<5:
        cache.set(key, for: key)
        order.removeAll { $0 == key }
        order.append(key)
        if order.count > 8 { order.removeFirst() }
      default:
        let isKnown = cache.value(for: key) != nil
        #expect(isKnown == order.contains(key))
        if isKnown {
          order.removeAll { $0 == key }
          order.append(key)
        }
      }
    }
    #expect(cache.usage.entries == order.count)
  }
}
