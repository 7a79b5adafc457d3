import BenchKit
import PrivataCore

/// What a write has left: how many rows there are, and the rows that it is about.
struct Effect: Equatable, Sendable {
  var total: Int
  var rows: [BenchUser?]
}

extension OperationSuite {
  private typealias Effects = (
    raw: Comparison.Answers<Effect>, privata: Comparison.Answers<Effect>
  )

  /// What both sides' tables hold of some users, after a change of one of them.
  private func effects(
    of ids: [ObjectID], raw change: @escaping @Sendable () async throws -> Void = {},
    privata same: @escaping @Sendable () async throws -> Void = {}
  ) -> Effects {
    (
      {
        try await change()
        return Effect(total: try raw.total(), rows: try ids.map { try raw.findById($0) })
      },
      {
        try await same()
        var rows: [BenchUser?] = []
        for id in ids { rows.append(try await privata.findById(id)) }
        return Effect(total: try await privata.total(), rows: rows)
      }
    )
  }

  /// Brings both sides' files of SQLite into the state in which they stay: a log that has been filled
  /// once is written over, while one that grows costs a change of the file's length at each sync.
  func fillLogs() async throws {
    for i in 0..<Self.logLength { try raw.updateAge(BenchUser.id(i % users), i % 89) }
    for i in 0..<Self.logLength {
      try await privata.updateAge(BenchUser.id(i % users), i % 89)
    }
  }

  /// More commits than the 1,000 pages at which both sides copy their log into the file.
  private static var logLength: Int { 1100 }

  private func inserting(_ op: String, _ size: Int) -> Comparison {
    let rows = Rows()
    let probes = Probes()
    var inserting = comparison(
      op,
      answers: (
        {
          let user = BenchUser.sample(probes.next(.raw))
          try raw.insert(user)
          return Effect(total: try raw.total(), rows: [try raw.findById(user._id)])
        },
        {
          let user = BenchUser.sample(probes.next(.privata))
          try await privata.insert(user)
          return Effect(
            total: try await privata.total(), rows: [try await privata.findById(user._id)])
        }
      )
    ) { n in
      if size == 1 {
        for user in rows.users { try raw.insert(user) }
        return
      }
      for start in stride(from: 0, to: n * size, by: size) {
        try raw.insertMany(Array(rows.users[start..<start + size]))
      }
    } privata: { n in
      if size == 1 {
        for user in rows.users { try await privata.insert(user) }
        return
      }
      for start in stride(from: 0, to: n * size, by: size) {
        try await privata.insertMany(Array(rows.users[start..<start + size]))
      }
    }
    inserting.prepare = { _, n in rows.users = Numbers.take(n * size).map(BenchUser.sample) }
    return inserting
  }

  var insert: Comparison { inserting("insert", 1) }

  var insertMany: Comparison { inserting("insertMany 100", 100) }

  var updateOne: Comparison {
    let ids = (0..<200).map(BenchUser.id)
    let turns = Turns()
    return comparison("updateOne", answers: effects(of: ids)) { n in
      let turn = turns.next(.raw)
      for i in 0..<n { try raw.updateAge(BenchUser.id(i % users), (i + turn) % 90) }
    } privata: { n in
      let turn = turns.next(.privata)
      for i in 0..<n { try await privata.updateAge(BenchUser.id(i % users), (i + turn) % 90) }
    }
  }

  /// A change of the clinical half.
  var updateClinical: Comparison {
    let ids = (0..<200).map(BenchUser.id)
    let turns = Turns()
    let height: @Sendable (Int) -> Double = { 150.5 + Double($0 % 50) }
    return comparison("updateOne clinical", answers: effects(of: ids)) { n in
      let turn = turns.next(.raw)
      for i in 0..<n { try raw.updateHeight(BenchUser.id(i % users), height(i + turn)) }
    } privata: { n in
      let turn = turns.next(.privata)
      for i in 0..<n {
        try await privata.updateHeight(BenchUser.id(i % users), height(i + turn))
      }
    }
  }

  var deleteOne: Comparison {
    let rows = Rows()
    let probe = BenchUser.sample(Numbers.take(1).lowerBound)
    var deleting = comparison(
      "deleteOne",
      answers: effects(of: [probe._id]) {
        try raw.insert(probe)
        try raw.delete(probe._id)
      } privata: {
        try await privata.insert(probe)
        try await privata.delete(probe._id)
      }
    ) { _ in
      for user in rows.users { try raw.delete(user._id) }
    } privata: { _ in
      for user in rows.users { try await privata.delete(user._id) }
    }
    deleting.prepare = { side, n in
      rows.users = Numbers.take(n).map(BenchUser.sample)
      for start in stride(from: 0, to: n, by: 1000) {
        let batch = Array(rows.users[start..<min(start + 1000, n)])
        if side == .raw { try raw.insertMany(batch) } else { try await privata.insertMany(batch) }
      }
    }
    return deleting
  }
}

/// Counts each side's slices, so that every update changes something: SQLite writes no page that would
/// be as it was.
// Safe: sides take turns.
private final class Turns: @unchecked Sendable {
  private var raw = 0
  private var privata = 0

  func next(_ side: Comparison.Side) -> Int {
    if side == .raw { raw += 1 } else { privata += 1 }
    return 7 * (side == .raw ? raw : privata)
  }
}

/// The same sequence of fresh numbers for both sides.
// Safe: checks run one after the other.
private final class Probes: @unchecked Sendable {
  private let numbers = Array(Numbers.take(100))
  private var raw = 0
  private var privata = 0

  func next(_ side: Comparison.Side) -> Int {
    if side == .raw { raw += 1 } else { privata += 1 }
    return numbers[(side == .raw ? raw : privata) - 1]
  }
}
