import PrivataCore
import TestSupport
import Testing

@testable import PrivataCompliance

/// Proofs against the definition of the tree, word by word, in RFC 9162.
@Suite struct MerkleProofTests {
  private static let leaves = (0..<400).map { MerkleTree.leaf(Array("leaf \($0)".utf8)) }

  /// The root by the recursive definition of section 2.1.1.
  private static func root(_ leaves: ArraySlice<[UInt8]>) -> [UInt8] {
    guard let first = leaves.first else { return MerkleTree().root }
    if leaves.count == 1 { return first }
    var split = 1
    while split * 2 < leaves.count { split *= 2 }
    let middle = leaves.startIndex + split
    return MerkleTree.parent(root(leaves[..<middle]), root(leaves[middle...]))
  }

  private static func roots(_ ranges: [Range<UInt64>]) -> [[UInt8]] {
    ranges.map { root(leaves[Int($0.lowerBound)..<Int($0.upperBound)]) }
  }

  @Test func everyLeafOfEverySmallTreeIsProven() {
    for size in 1...70 {
      let root = Self.root(Self.leaves[..<size])
      for leaf in 0..<size {
        let ranges = MerkleProof.inclusion(of: UInt64(leaf), in: UInt64(size))
        let levels = size == 1 ? 0 : Int.bitWidth - (size - 1).leadingZeroBitCount
        #expect(ranges.count <= levels)
        let found = MerkleProof.root(
          leaf: Self.leaves[leaf], at: UInt64(leaf), in: UInt64(size), path: Self.roots(ranges))
        #expect(found == root, "\(leaf) of \(size)")
      }
    }
  }

  @Test func everyTwoSizesAreConsistent() {
    for size in 0...64 {
      for old in 0...size {
        let path = Self.roots(MerkleProof.consistency(from: UInt64(old), to: UInt64(size)))
        let isConsistent = MerkleProof.isConsistent(
          from: UInt64(old), Self.root(Self.leaves[..<old]), to: UInt64(size),
          Self.root(Self.leaves[..<size]), path: path)
        #expect(isConsistent, "\(old) to \(size)")
      }
    }
  }

  @Test func tenThousandRandomProofsHoldAndNoChangedOneDoes() throws {
    var random = SeededSource(41)
    for _ in 0..<10_000 {
      let size = random.int(2...400)
      let leaf = random.int(0...size - 1)
      let root = Self.root(Self.leaves[..<size])
      var path = Self.roots(MerkleProof.inclusion(of: UInt64(leaf), in: UInt64(size)))
      func found(_ hash: [UInt8], _ place: Int) -> [UInt8]? {
        MerkleProof.root(leaf: hash, at: UInt64(place), in: UInt64(size), path: path)
      }
      try #require(found(Self.leaves[leaf], leaf) == root)
      try #require(found(Self.leaves[(leaf + 1) % 400], leaf) != root)
      try #require(found(Self.leaves[leaf], (leaf + 1) % size) != root)
      path[random.int(0...path.count - 1)][random.int(0...31)] ^= 1 << UInt8(random.int(0...7))
      try #require(found(Self.leaves[leaf], leaf) != root)
      path.removeLast()
      try #require(found(Self.leaves[leaf], leaf) != root)
    }
  }

  @Test func aChangedConsistencyProofHoldsNot() {
    var random = SeededSource(42)
    for _ in 0..<2_000 {
      let size = random.int(3...300)
      let old = random.int(1...size - 1)
      var path = Self.roots(MerkleProof.consistency(from: UInt64(old), to: UInt64(size)))
      path[random.int(0...path.count - 1)][random.int(0...31)] ^= 4
      let isConsistent = MerkleProof.isConsistent(
        from: UInt64(old), Self.root(Self.leaves[..<old]), to: UInt64(size),
        Self.root(Self.leaves[..<size]), path: path)
      #expect(!isConsistent)
    }
  }

  /// After the first events were removed, all later ones are proven from the edge that stays.
  @Test(arguments: [1, 5, 6, 8, 37, 64, 100]) func theEdgeOfRemovedLeavesIsEnough(_ gone: Int) {
    var removed = MerkleTree()
    for leaf in Self.leaves[..<gone] { removed.append(leaf: leaf) }
    for size in [gone + 1, gone + 7, 200] {
      for leaf in [gone, (gone + size) / 2, size - 1] {
        let ranges = MerkleProof.inclusion(of: UInt64(leaf), in: UInt64(size))
        #expect(Self.roots(ranges, behind: removed) == Self.roots(ranges), "\(leaf) of \(size)")
      }
      for old in gone...size {
        let ranges = MerkleProof.consistency(from: UInt64(old), to: UInt64(size))
        #expect(Self.roots(ranges, behind: removed) == Self.roots(ranges), "\(old) to \(size)")
      }
    }
    let inside = MerkleProof.inclusion(of: 0, in: 200)
    if gone > 1 { #expect(Self.roots(inside, behind: removed) == nil) }
  }

  private static func roots(
    _ ranges: [Range<UInt64>], behind removed: MerkleTree
  ) -> [[UInt8]]? {
    guard var subtrees = MerkleRanges(ranges, removed: removed) else { return nil }
    for index in min(subtrees.first, subtrees.end)..<subtrees.end {
      subtrees.add(leaves[Int(index)], at: index)
    }
    return subtrees.roots
  }
}
