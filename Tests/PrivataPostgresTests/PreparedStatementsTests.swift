import Testing

@testable import PrivataPostgres

@Suite struct PreparedStatementsTests {
  @Test func theLeastRecentlyUsedLeaves() {
    var statements = PreparedStatements(limit: 2)
    let first = statements.add(1)
    let second = statements.add(2)
    #expect(first.evicted == nil && second.evicted == nil)
    #expect(statements.name(of: 1) == first.name)
    #expect(statements.add(3).evicted == second.name)
    #expect(statements.name(of: 2) == nil)
    #expect(statements.count == 2)
  }

  @Test func namesNeverComeAgain() {
    var statements = PreparedStatements(limit: 4)
    var seen: Set<String> = []
    for _ in 0..<20 {
      let name = statements.add(7).name
      #expect(seen.insert(name).inserted)
      statements.remove(7, named: name)
      #expect(statements.name(of: 7) == nil)
    }
  }

  @Test func forgetsOnlyTheNameThatFailed() {
    var statements = PreparedStatements(limit: 4)
    let old = statements.add(1).name
    statements.remove(1)
    let new = statements.add(1).name
    statements.remove(1, named: old)
    #expect(statements.name(of: 1) == new)
  }
}
