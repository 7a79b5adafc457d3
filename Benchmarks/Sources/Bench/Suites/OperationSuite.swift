import PrivataCore
import Synchronization

/// Hands out fresh row numbers, so that no insert meets another's key.
private final class Numbers {
  private static let start = Atomic<Int>(10_000_000)

  func take(_ count: Int) -> Range<Int> {
    let end = Self.start.add(count, ordering: .relaxed).newValue
    return (end - count)..<end
  }
}

/// The comparisons of one style on one store: each operation of the raw side beside the style's.
struct OperationSuite {
  let suite: String
  let style: String
  let store: String
  let raw: any RawStore
  let privata: any StyleOperations
  /// Rows in the table before the first comparison.
  let users: Int

  private let numbers = Numbers()

  var comparisons: [Comparison] {
    [findById] + [10, 100, 1000].map(find)
      + [count, populate, insert, insertMany, updateOne, deleteOne]
  }

  private var findById: Comparison {
    var number = 0
    func next() -> ObjectID {
      number = (number + 7919) % users
      return BenchUser.sample(number)._id
    }
    return comparison("findById") { n in
      for _ in 0..<n { try expect(try raw.findById(next()) != nil) }
    } privata: { n in
      for _ in 0..<n { try expect(try await privata.findById(next()) != nil) }
    }
  }

  private func find(_ limit: Int) -> Comparison {
    comparison("find \(limit)") { n in
      for _ in 0..<n { try expect(try raw.find(role: "patient", limit: limit).count == limit) }
    } privata: { n in
      for _ in 0..<n {
        try expect(try await privata.find(role: "patient", limit: limit).count == limit)
      }
    }
  }

  private var count: Comparison {
    comparison("count") { n in
      for _ in 0..<n { try expect(try raw.count(role: "clinician") > 0) }
    } privata: { n in
      for _ in 0..<n { try expect(try await privata.count(role: "clinician") > 0) }
    }
  }

  private var populate: Comparison {
    comparison("populate 100") { n in
      for _ in 0..<n {
        let sessions = try raw.sessions(limit: 100)
        var seen: Set<ObjectID> = []
        let found = try raw.findByIds(sessions.map(\.user).filter { seen.insert($0).inserted })
        let byId = Dictionary(found.map { ($0._id, $0) }) { first, _ in first }
        try expect(sessions.count { byId[$0.user] != nil } == 100)
      }
    } privata: { n in
      for _ in 0..<n { try expect(try await privata.sessionsWithUsers(limit: 100) == 100) }
    }
  }

  private var insert: Comparison {
    comparison("insert") { n in
      for number in numbers.take(n) { try raw.insert(BenchUser.sample(number)) }
    } privata: { n in
      for number in numbers.take(n) { try await privata.insert(BenchUser.sample(number)) }
    }
  }

  private var insertMany: Comparison {
    comparison("insertMany 100") { n in
      for _ in 0..<n { try raw.insertMany(numbers.take(100).map(BenchUser.sample)) }
    } privata: { n in
      for _ in 0..<n { try await privata.insertMany(numbers.take(100).map(BenchUser.sample)) }
    }
  }

  private var updateOne: Comparison {
    comparison("updateOne") { n in
      for i in 0..<n { try raw.updateAge(BenchUser.sample(i % users)._id, i % 90) }
    } privata: { n in
      for i in 0..<n { try await privata.updateAge(BenchUser.sample(i % users)._id, i % 90) }
    }
  }

  private var deleteOne: Comparison {
    var made: Range<Int> = 0..<0
    var delete = comparison("deleteOne") { _ in
      for number in made { try raw.delete(BenchUser.sample(number)._id) }
    } privata: { _ in
      for number in made { try await privata.delete(BenchUser.sample(number)._id) }
    }
    delete.prepare = { side, n in
      made = numbers.take(n)
      for start in stride(from: made.lowerBound, to: made.upperBound, by: 1000) {
        let batch = (start..<min(start + 1000, made.upperBound)).map(BenchUser.sample)
        if side == .raw { try raw.insertMany(batch) } else { try await privata.insertMany(batch) }
      }
    }
    return delete
  }

  private func comparison(
    _ op: String, raw: @escaping (Int) async throws -> Void,
    privata: @escaping (Int) async throws -> Void
  ) -> Comparison {
    Comparison(suite: suite, style: style, store: store, op: op, raw: raw, privata: privata)
  }

  private func expect(_ holds: Bool) throws(RawFailure) {
    if !holds { throw RawFailure(message: "a side of \(suite) \(style) \(store) answered wrong") }
  }
}
