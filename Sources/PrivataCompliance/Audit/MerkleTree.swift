internal import Crypto

/// A Merkle tree as RFC 6962 defines it, of which only the right edge is kept: the roots of the
/// perfect subtrees, largest first.
///
/// Source: RFC 6962, section 2.1.
struct MerkleTree: Sendable, Hashable {
  /// The number of leaves.
  private(set) var size: UInt64 = 0
  /// The roots of the perfect subtrees, one per set bit of ``size``.
  private(set) var frontier: [[UInt8]] = []

  /// A tree without leaves.
  init() {}

  /// A tree of that size with those subtrees; `nil` where the two do not fit.
  init?(size: UInt64, frontier: [[UInt8]]) {
    guard frontier.count == size.nonzeroBitCount, frontier.allSatisfy({ $0.count == 32 }) else {
      return nil
    }
    self.size = size
    self.frontier = frontier
  }

  /// Adds a leaf by its hash.
  mutating func append(leaf hash: [UInt8]) {
    var node = hash
    // Each trailing one bit of the size is a subtree that the new leaf completes to a larger one.
    for _ in 0..<(~size).trailingZeroBitCount { node = Self.parent(frontier.removeLast(), node) }
    frontier.append(node)
    size += 1
  }

  /// The hash of all leaves.
  var root: [UInt8] {
    guard var root = frontier.last else { return Array(SHA256.hash(data: [UInt8]())) }
    for subtree in frontier.dropLast().reversed() { root = Self.parent(subtree, root) }
    return root
  }

  /// The hash of a leaf's bytes.
  static func leaf(_ bytes: [UInt8]) -> [UInt8] {
    var hash = SHA256()
    hash.update(data: [0] as [UInt8])
    hash.update(data: bytes)
    return Array(hash.finalize())
  }

  /// The hash of two subtrees.
  static func parent(_ left: [UInt8], _ right: [UInt8]) -> [UInt8] {
    var hash = SHA256()
    hash.update(data: [1] as [UInt8])
    hash.update(data: left)
    hash.update(data: right)
    return Array(hash.finalize())
  }
}
