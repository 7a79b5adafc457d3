import Testing

@testable import PrivataCore

/// Rows of two batches joined by a text, against the same made cell by cell.
@Suite struct RowJoiningTests {
  /// Left rows of a number, a name and a key; right rows of a key, a text and a double.
  private func left(_ keys: [String?]) -> RowBatch {
    var batch = RowBatch(width: 3)
    for (index, key) in keys.enumerated() {
      batch.append(int64: Int64(index))
      batch.append(text: "name of \(index)")
      if let key { batch.append(text: key) } else { batch.appendNull() }
    }
    return batch
  }

  private func right(_ keys: [String]) -> RowBatch {
    var batch = RowBatch(width: 3)
    for key in keys {
      batch.append(text: key)
      batch.append(text: "note on \(key)")
      batch.append(double: Double(key.utf8.count) + 0.5)
    }
    return batch
  }

  private static func key(_ number: Int) -> String {
    "pseu_\(number * 7919 % 1_000_003)" + String(repeating: "k", count: number % 9)
  }

  private static let many = (0..<500).map(key)

  static let cases: [(left: [String?], right: [String])] = [
    ([], []), ([], ["a"]), (["a"], []), (["a"], ["a"]), ([nil, "a", nil], ["a"]),
    (["a", "b", "c"], ["a", "b", "c"]), (["a", "b", "c"], ["c", "a", "b"]),
    (["a", "x", "c"], ["c", "a", "b"]), (["a", "a", "b"], ["b", "a"]),
    (["", "a"], ["a", ""]), (["ab", "a"], ["a", "ab"]),
    (many, many), (many, many.reversed()), (many, Array(many.dropFirst(3).shuffled())),
  ]

  @Test(arguments: cases) func matchesWhatADictionaryFinds(
    _ keys: (left: [String?], right: [String])
  ) {
    let (a, b) = (left(keys.left), right(keys.right))
    let matches = a.matches(column: 2, in: b, column: 0)
    let expected = keys.left.map { key in key.flatMap { keys.right.firstIndex(of: $0) } ?? -1 }
    #expect(matches == expected)
  }

  @Test(arguments: cases, [false, true]) func joinsCells(
    _ keys: (left: [String?], right: [String]), isInner: Bool
  ) {
    let (a, b) = (left(keys.left), right(keys.right))
    let matches = a.matches(column: 2, in: b, column: 0)
    let joined = a.joined(with: b, matches: matches, places: [1, ~1, 0, ~2], isInner: isInner)
    let kept = matches.indices.filter { !isInner || matches[$0] >= 0 }
    #expect(joined.count == kept.count)
    for (row, index) in kept.enumerated() {
      let match = matches[index]
      #expect(joined.value(row: row, column: 0) == .string("name of \(index)"))
      #expect(joined.value(row: row, column: 2) == .int64(Int64(index)))
      let note = match < 0 ? Value.null : .string("note on \(keys.right[match])")
      #expect(joined.value(row: row, column: 1) == note)
      let size = match < 0 ? Value.null : .double(Double(keys.right[match].utf8.count) + 0.5)
      #expect(joined.value(row: row, column: 3) == size)
    }
  }

  @Test func rowsOfNoCellsKeepTheirNumber() {
    let (a, b) = (left(["a", "b"]), right(["b"]))
    let matches = a.matches(column: 2, in: b, column: 0)
    #expect(a.joined(with: b, matches: matches, places: [], isInner: false).count == 2)
    #expect(a.joined(with: b, matches: matches, places: [], isInner: true).count == 1)
  }

  @Test(arguments: [true, false]) func picksColumnsInAnOrderWithATextMore(isFirst: Bool) {
    let batch = left(["x", "y", "z"])
    let picked = batch.picking(
      columns: [1], order: [2, 0], texts: ["p", "q", "rä"], isFirst: isFirst)
    let rows = (0..<picked.count).map { row in
      (0..<picked.width).map { picked.value(row: row, column: $0) }
    }
    let expected: [[Value?]] = [["rä", "name of 2"], ["p", "name of 0"]]
    #expect(rows == (isFirst ? expected : expected.map { Array($0.reversed()) }))
    #expect(batch.picking(columns: [2, 0]).value(row: 1, column: 0) == "y")
  }

  @Test func readsTheTextsOfAColumn() {
    #expect(left(["a", nil, "c"]).texts(column: 2) == ["a", "c"])
  }

  @Test(arguments: [.null, .int64(7), "a much longer text", .objectID(ObjectID())] as [Value])
  func aValueTakesAnothersPlace(_ value: Value) {
    var batch = left(["x", "y"])
    batch.set(value, row: 1, column: 1)
    #expect(batch.count == 2 && batch.value(row: 1, column: 1) == value)
    #expect(batch.value(row: 0, column: 1) == "name of 0" && batch.value(row: 1, column: 2) == "y")
  }
}
