public import PrivataCore
internal import Synchronization

/// An encryptor that keeps nothing secret and still tells places, changes and copies apart, with calls
/// and faults: for tests of what stands around one.
public final class MockEncryptor: Encryptor {
  /// What it seals to.
  public struct Sealed: Sendable, Hashable {
    /// The bytes, where they belong, and what makes two of the same differ.
    public var bytes: [UInt8]
    public var place: String
    public var number: Int
    /// A sum over all of it.
    public var sum: Int
  }

  /// What was asked, and the faults.
  public let calls = MockCalls()
  private let place: String
  private let number = Atomic(0)

  /// An encryptor for a place.
  public init(_ place: String) { self.place = place }

  public func seal(_ plain: Span<UInt8>) throws(PrivataError) -> Sealed {
    try calls.noted("seal")
    let bytes = plain.indices.map { plain[$0] ^ 0x5A }
    let number = self.number.add(1, ordering: .relaxed).newValue
    return Sealed(
      bytes: bytes, place: place, number: number, sum: Self.sum(bytes, place, number))
  }

  public func open(_ sealed: Sealed) throws(PrivataError) -> [UInt8] {
    try calls.noted("open")
    guard sealed.place == place, sealed.sum == Self.sum(sealed.bytes, place, sealed.number) else {
      throw PrivataError(.tampered, "sealed bytes were changed, or belong to another place")
    }
    return sealed.bytes.map { $0 ^ 0x5A }
  }

  private static func sum(_ bytes: [UInt8], _ place: String, _ number: Int) -> Int {
    (bytes + Array(place.utf8)).reduce(number) { ($0 &* 31) &+ Int($1) }
  }
}

/// Pseudonyms in a row, the same ones in every run, with the calls that were made.
public final class MockPseudonyms: PseudonymGenerator {
  /// What was asked.
  public let calls = MockCalls()
  private let number = Atomic(0)

  /// A generator that begins with its first pseudonym.
  public init() {}

  public func next() -> Pseudonym {
    _ = try? calls.noted("next")
    var left = self.number.add(1, ordering: .relaxed).newValue
    let letters = Array("abcdefghijklmnopqrstuvwxyz")
    var text = ""
    for _ in 0..<32 {
      text.append(letters[left % 26])
      left /= 26
    }
    // 32 letters behind the prefix are a pseudonym; another generator's would do as well.
    return Pseudonym("pseu_" + text) ?? next()
  }
}

/// A detector that knows subjects by a table, with the calls that were made.
public struct MockRegions<Subject: Hashable & Sendable>: RegionDetector {
  /// What was asked.
  public let calls = MockCalls()
  private let table: [Subject: RegionSignal]

  /// A detector with what it says of subjects.
  public init(_ table: [Subject: RegionSignal]) { self.table = table }

  public func region(of subject: Subject) -> RegionSignal? {
    _ = try? calls.noted("region")
    return table[subject]
  }
}
