import BenchKit
import PrivataCore

extension OperationSuite {
  /// The user that a read of the mix asks for: in nine of ten rounds one of the hundred that everybody
  /// asks for, as on a ward; else any.
  private func asked(_ call: Int) -> ObjectID {
    BenchUser.id(call * 7919 % (call / 10 % 10 == 9 ? users : min(users, 100)))
  }

  /// Ten calls: findById 40 %, find 10 30 %, create 20 %, update 10 %.
  var mix: Comparison {
    let rows = Rows()
    var mixed = comparison(
      "mix", answers: ({ try raw.total() }, { try await privata.total() })
    ) { n in
      for i in 0..<n {
        switch i % 10 {
        case 0, 3, 5, 8: try expect(try raw.findById(asked(i)) != nil)
        case 1, 4, 7: try expect(try raw.find(role: "patient", limit: 10).count == 10)
        case 2, 6: try raw.insert(rows.users[i / 10 * 2 + (i % 10 == 2 ? 0 : 1)])
        default: try raw.updateAge(BenchUser.id(i % users), Int.random(in: 18..<90))
        }
      }
    } privata: { n in
      for i in 0..<n {
        switch i % 10 {
        case 0, 3, 5, 8:
          try expect(try await privata.findById(asked(i)) != nil)
        case 1, 4, 7:
          try expect(try await privata.find(role: "patient", limit: 10).count == 10)
        case 2, 6: try await privata.insert(rows.users[i / 10 * 2 + (i % 10 == 2 ? 0 : 1)])
        default: try await privata.updateAge(BenchUser.id(i % users), Int.random(in: 18..<90))
        }
      }
    }
    mixed.step = 10
    mixed.prepare = { _, n in rows.users = Numbers.take(n / 5).map(BenchUser.sample) }
    return mixed
  }
}
