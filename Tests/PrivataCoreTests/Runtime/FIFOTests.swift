import Testing

@testable import PrivataCore

@Suite struct FIFOTests {
  @Test func comesOutAsItWentIn() {
    var queue = FIFO<Int>()
    var wanted: [Int] = []
    var found: [Int] = []
    for round in 0..<500 {
      queue.append(round)
      wanted.append(round)
      // Two in, one out, then the rest, so that the front of the storage is dropped on the way.
      if round % 2 == 1, let first = queue.popFirst() { found.append(first) }
    }
    #expect(queue.count == 250)
    #expect(queue.first == 250)
    while let first = queue.popFirst() { found.append(first) }
    #expect(found == wanted)
    #expect(queue.isEmpty)
    #expect(queue.popFirst() == nil)
  }

  @Test func someCanBeTakenOut() {
    var queue = FIFO<Int>()
    for number in 0..<10 { queue.append(number) }
    _ = queue.popFirst()
    #expect(queue.removeAll { $0.isMultiple(of: 3) } == [3, 6, 9])
    #expect(queue.count == 6)
    #expect(queue.popFirst() == 1)
  }
}
