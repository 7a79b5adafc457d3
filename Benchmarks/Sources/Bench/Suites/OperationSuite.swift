import BenchKit
import PrivataCore
import Synchronization

/// Hands out fresh row numbers, so that no insert meets another's key.
enum Numbers {
  private static let start = Atomic<Int>(10_000_000)

  static func take(_ count: Int) -> Range<Int> {
    let end = start.add(count, ordering: .relaxed).newValue
    return (end - count)..<end
  }
}

/// The rows of a slice, made before its time begins.
// Safe: prepared and used by turns.
final class Rows: @unchecked Sendable {
  var users: [BenchUser] = []
}

/// The comparisons of one style on one store: each operation of the raw side beside the style's.
struct OperationSuite<Raw: RawStore, Style: StyleOperations>: Sendable {
  let suite: String
  let style: String
  let store: String
  let raw: Raw
  let privata: Style
  let conditions: (raw: Conditions, privata: Conditions)
  /// Rows in the table before the first comparison.
  let users: Int

  var reads: [Comparison] {
    [findById] + [10, 100, 1000].map(find) + [count] + (Style.loading.map { [related($0)] } ?? [])
  }

  var writes: [Comparison] { [insert, insertMany, updateOne, deleteOne] }

  func comparison<Answer: Equatable & Sendable>(
    _ op: String, answers: (raw: Comparison.Answers<Answer>, privata: Comparison.Answers<Answer>),
    raw: @escaping Comparison.Work, privata: @escaping Comparison.Work
  ) -> Comparison {
    Comparison(
      suite, style, store, op, conditions: conditions, answers: answers, raw: raw,
      privata: privata)
  }

  func expect(_ holds: Bool) throws {
    if !holds { throw RawFailure(message: "a side of \(suite) \(style) \(store) answered wrong") }
  }
}

// MARK: - Reads

extension OperationSuite {
  var findById: Comparison {
    comparison(
      "findById",
      answers: (
        { try (0..<50).map { try raw.findById(BenchUser.id($0)) } },
        {
          var found: [BenchUser?] = []
          for n in 0..<50 { found.append(try await privata.findById(BenchUser.id(n))) }
          return found
        }
      )
    ) { n in
      for i in 0..<n { try expect(try raw.findById(BenchUser.id(i * 7919 % users)) != nil) }
    } privata: { n in
      for i in 0..<n {
        try expect(try await privata.findById(BenchUser.id(i * 7919 % users)) != nil)
      }
    }
  }

  private func find(_ limit: Int) -> Comparison {
    comparison(
      "find \(limit)",
      answers: (
        { try raw.find(role: "patient", limit: limit).sorted { $0._id < $1._id } },
        { try await privata.find(role: "patient", limit: limit).sorted { $0._id < $1._id } }
      )
    ) { n in
      for _ in 0..<n { try expect(try raw.find(role: "patient", limit: limit).count == limit) }
    } privata: { n in
      for _ in 0..<n {
        try expect(try await privata.find(role: "patient", limit: limit).count == limit)
      }
    }
  }

  private var count: Comparison {
    comparison(
      "count",
      answers: (
        { try raw.count(role: "clinician") }, { try await privata.count(role: "clinician") }
      )
    ) { n in
      for _ in 0..<n { try expect(try raw.count(role: "clinician") > 0) }
    } privata: { n in
      for _ in 0..<n { try expect(try await privata.count(role: "clinician") > 0) }
    }
  }

  /// Sessions with their users, by as many statements as the style sends.
  private func related(_ loading: Loading) -> Comparison {
    let load: @Sendable () throws -> [SessionOfUser] = {
      guard loading == .join else { return try raw.populated(limit: 100) }
      return try raw.joined(limit: 100) ?? []
    }
    let sorted: @Sendable ([SessionOfUser]) -> [SessionOfUser] = { pairs in
      pairs.sorted { $0.session._id < $1.session._id }
    }
    return comparison(
      "\(loading.rawValue) 100",
      answers: (
        { sorted(try load()) }, { sorted(try await privata.sessionsWithUsers(limit: 100)) }
      )
    ) { n in
      for _ in 0..<n { try expect(try load().count == 100) }
    } privata: { n in
      for _ in 0..<n { try expect(try await privata.sessionsWithUsers(limit: 100).count == 100) }
    }
  }
}

// MARK: - Reads of the identity half

extension OperationSuite {
  /// The same reads of fields that lie in one half.
  var identityReads: [Comparison] { [identityById] + [10, 100, 1000].map(identities) }

  private var identityById: Comparison {
    comparison(
      "findById identity",
      answers: (
        { try raw.identity(BenchUser.id(7)) }, { try await privata.identity(BenchUser.id(7)) }
      )
    ) { n in
      for i in 0..<n { try expect(try raw.identity(BenchUser.id(i * 7919 % users)) != nil) }
    } privata: { n in
      for i in 0..<n {
        try expect(try await privata.identity(BenchUser.id(i * 7919 % users)) != nil)
      }
    }
  }

  private func identities(_ limit: Int) -> Comparison {
    comparison(
      "find \(limit) identity",
      answers: (
        { try raw.identities(role: "patient", limit: limit).sorted { $0._id < $1._id } },
        { try await privata.identities(role: "patient", limit: limit).sorted { $0._id < $1._id } }
      )
    ) { n in
      for _ in 0..<n {
        try expect(try raw.identities(role: "patient", limit: limit).count == limit)
      }
    } privata: { n in
      for _ in 0..<n {
        try expect(try await privata.identities(role: "patient", limit: limit).count == limit)
      }
    }
  }
}
