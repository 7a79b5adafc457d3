import PrivataCore
import Testing

@testable import PrivataCompliance

@Suite struct KeyTests {
  /// The first vectors of the reference implementation of SipHash-2-4 with 128 bits.
  @Test(arguments: [
    (0, "a3817f04ba25a8e66df67214c7550293"), (1, "da87c1d86b99af44347659119b22fc45"),
    (2, "8177228da4a45dc7fca38bdef60affe4"),
  ])
  func sipHash(_ count: Int, _ wanted: String) {
    let hash = SipHash(key: Array(0..<16))
    let output = hash.of(Array(0..<UInt8(count)).span)
    #expect(hex(RecordReference(output).bytes) == wanted)
  }

  @Test func crc32c() {
    #expect(CRC32C.of(Array("123456789".utf8).span) == 0xE306_9283)
    #expect(CRC32C.of([UInt8](repeating: 0, count: 32).span) == 0x8A91_36AA)
    #expect(CRC32C.of([UInt8](repeating: 0xFF, count: 32).span) == 0x62A8_AB43)
    let bytes = Array("some text that is longer than eight bytes".utf8)
    for cut in 0...bytes.count {
      let state = CRC32C.update(
        CRC32C.update(CRC32C.start, Array(bytes[..<cut]).span), Array(bytes[cut...]).span)
      #expect(CRC32C.finish(state) == CRC32C.of(bytes.span))
    }
  }

  /// The tree of the test vectors that Certificate Transparency's implementations share.
  @Test(arguments: [
    (0, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
    (1, "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"),
    (2, "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"),
    (3, "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77"),
    (8, "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"),
  ])
  func merkleTree(_ count: Int, _ root: String) {
    let leaves: [[UInt8]] = [
      [], [0x00], [0x10], [0x20, 0x21], [0x30, 0x31], [0x40, 0x41, 0x42, 0x43],
      Array(0x50...0x57), Array(0x60...0x6f),
    ]
    var tree = MerkleTree()
    for leaf in leaves.prefix(count) { tree.append(leaf: MerkleTree.leaf(leaf)) }
    #expect(hex(tree.root) == root)
    #expect(MerkleTree(size: tree.size, frontier: tree.frontier) == tree)
  }

  @Test func aBadMasterKeyIsRefusedWithoutBeingRepeated() async {
    let error = await #expect(throws: PrivataError.self) {
      try await MasterKeySource.bytes([1, 2, 3]).load(directory: "")
    }
    #expect(error?.code == .badArgument)
  }

  @Test func aSealedWriteOpensOnlyUnderItsIDAndKey() throws {
    let seal = JournalSeal(VaultKeys(master: Array(repeating: 1, count: 32)))
    let sealed = try seal.seal([1, 2, 3], id: "a")
    #expect(try seal.open(sealed, id: "a") == [1, 2, 3])
    #expect(throws: PrivataError.self) { try seal.open(sealed, id: "b") }
    let other = JournalSeal(VaultKeys(master: Array(repeating: 2, count: 32)))
    #expect(throws: PrivataError.self) { try other.open(sealed, id: "a") }
    for index in sealed.indices {
      var changed = sealed
      changed[index] ^= 1
      #expect(throws: PrivataError.self) { try seal.open(changed, id: "a") }
    }
  }

  private func hex(_ bytes: [UInt8]) -> String {
    bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }
}
