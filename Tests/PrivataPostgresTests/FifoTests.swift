import Testing

@testable import PrivataPostgres

@Suite struct FifoTests {
  @Test func keepsTheOrderThroughGrowthAndCompaction() {
    var fifo = Fifo<Int>()
    var next = 0
    var expected = 0
    for round in 0..<500 {
      for _ in 0..<(round % 7) {
        fifo.append(next)
        next += 1
      }
      for _ in 0..<(round % 5) {
        guard let value = fifo.popFirst() else { continue }
        #expect(value == expected)
        expected += 1
      }
      #expect(fifo.count == next - expected)
    }
  }

  @Test func removesByCondition() {
    var fifo = Fifo<Int>()
    for value in 0..<10 { fifo.append(value) }
    _ = fifo.popFirst()
    #expect(fifo.remove { $0.isMultiple(of: 3) } == [3, 6, 9])
    #expect(fifo.removeAll() == [1, 2, 4, 5, 7, 8])
    #expect(fifo.isEmpty)
  }
}
