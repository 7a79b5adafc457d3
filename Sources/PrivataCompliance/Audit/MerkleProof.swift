/// Proofs over a ``MerkleTree``: which subtrees they consist of, and what follows from their hashes.
///
/// Source: RFC 9162, sections 2.1.3 and 2.1.4.
enum MerkleProof {
  /// The subtrees that prove a leaf to be in a tree, from the leaf up; at most one per level.
  static func inclusion(of leaf: UInt64, in size: UInt64) -> [Range<UInt64>] {
    var path: [Range<UInt64>] = []
    var range = 0..<size
    while range.count > 1 {
      let middle = range.lowerBound + split(UInt64(range.count))
      if leaf < middle {
        path.append(middle..<range.upperBound)
        range = range.lowerBound..<middle
      } else {
        path.append(range.lowerBound..<middle)
        range = middle..<range.upperBound
      }
    }
    return path.reversed()
  }

  /// The subtrees that prove a tree to begin with a smaller one.
  static func consistency(from old: UInt64, to size: UInt64) -> [Range<UInt64>] {
    guard old > 0, old < size else { return [] }
    var path: [Range<UInt64>] = []
    var range = 0..<size
    var isWhole = true
    while old < range.upperBound {
      let middle = range.lowerBound + split(UInt64(range.count))
      if old <= middle {
        path.append(middle..<range.upperBound)
        range = range.lowerBound..<middle
      } else {
        path.append(range.lowerBound..<middle)
        range = middle..<range.upperBound
        isWhole = false
      }
    }
    // The old tree itself is known to whoever verifies.
    if !isWhole { path.append(range) }
    return path.reversed()
  }

  /// The largest power of two below a number above one.
  private static func split(_ count: UInt64) -> UInt64 {
    1 << UInt64(63 - (count - 1).leadingZeroBitCount)
  }

  /// The root to which a leaf's path leads; `nil` where the path has the wrong length.
  static func root(
    leaf hash: [UInt8], at index: UInt64, in size: UInt64, path: [[UInt8]]
  ) -> [UInt8]? {
    guard index < size else { return nil }
    var (node, last) = (index, size - 1)
    var root = hash
    for sibling in path {
      if last == 0 { return nil }
      if node & 1 == 1 || node == last {
        root = MerkleTree.parent(sibling, root)
        skipLevels(&node, &last)
      } else {
        root = MerkleTree.parent(root, sibling)
      }
      node >>= 1
      last >>= 1
    }
    return last == 0 ? root : nil
  }

  /// True where the larger tree begins with the smaller one.
  static func isConsistent(
    from old: UInt64, _ oldRoot: [UInt8], to size: UInt64, _ root: [UInt8], path: [[UInt8]]
  ) -> Bool {
    guard old > 0, old < size else {
      return old <= size && path.isEmpty && oldRoot == (old == 0 ? MerkleTree().root : root)
    }
    let nodes = old.nonzeroBitCount == 1 ? [oldRoot] + path : path
    guard let first = nodes.first else { return false }
    var (node, last) = (old - 1, size - 1)
    while node & 1 == 1 { (node, last) = (node >> 1, last >> 1) }
    var (before, after) = (first, first)
    for sibling in nodes.dropFirst() {
      if last == 0 { return false }
      if node & 1 == 1 || node == last {
        before = MerkleTree.parent(sibling, before)
        after = MerkleTree.parent(sibling, after)
        skipLevels(&node, &last)
      } else {
        after = MerkleTree.parent(after, sibling)
      }
      node >>= 1
      last >>= 1
    }
    return last == 0 && before == oldRoot && after == root
  }

  /// A node that is the last of its level goes up without a sibling.
  private static func skipLevels(_ node: inout UInt64, _ last: inout UInt64) {
    while node & 1 == 0, node != 0 { (node, last) = (node >> 1, last >> 1) }
  }
}

/// The roots of several subtrees of one tree, from one pass over its leaves.
struct MerkleRanges {
  private let ranges: [Range<UInt64>]
  private var trees: [MerkleTree]
  /// Where the pass begins.
  let first: UInt64
  /// Where the pass may end.
  let end: UInt64

  /// The roots of these subtrees. Leaves before `removed.size` are not there any more; of them the
  /// edge is known.
  ///
  /// - Returns: `nil` where a subtree lies so deep among what was removed that it cannot be known.
  init?(_ ranges: [Range<UInt64>], removed: MerkleTree) {
    var trees: [MerkleTree] = []
    for range in ranges {
      guard range.lowerBound < removed.size else {
        trees.append(MerkleTree())
        continue
      }
      guard let known = removed.part(range) else { return nil }
      trees.append(known)
    }
    self.ranges = ranges
    self.trees = trees
    first = max(ranges.map(\.lowerBound).min() ?? 0, removed.size)
    end = ranges.map(\.upperBound).max() ?? 0
  }

  /// Takes a leaf into the subtree in which it is.
  mutating func add(_ leaf: [UInt8], at index: UInt64) {
    guard let place = ranges.firstIndex(where: { $0.contains(index) }) else { return }
    if ranges[place].lowerBound + trees[place].size == index { trees[place].append(leaf: leaf) }
  }

  /// The roots; `nil` where leaves were missing.
  var roots: [[UInt8]]? {
    for (range, tree) in zip(ranges, trees) where tree.size != UInt64(range.count) { return nil }
    return trees.map(\.root)
  }
}

extension MerkleTree {
  /// The part of this tree that lies in a range which begins before the tree's end, as a tree of its
  /// own; `nil` where the edge does not say.
  func part(_ range: Range<UInt64>) -> MerkleTree? {
    var position: UInt64 = 0
    var nodes: [(lower: UInt64, upper: UInt64, hash: [UInt8])] = []
    for (bit, hash) in zip((0..<64).reversed().filter { size >> UInt64($0) & 1 == 1 }, frontier) {
      nodes.append((position, position + (1 << UInt64(bit)), hash))
      position = nodes[nodes.count - 1].upper
    }
    let inside = nodes.filter { $0.lower >= range.lowerBound && $0.upper <= range.upperBound }
    guard inside.first?.lower == range.lowerBound, let last = inside.last else { return nil }
    guard last.upper == min(size, range.upperBound) else { return nil }
    return MerkleTree(size: last.upper - range.lowerBound, frontier: inside.map(\.hash))
  }
}
