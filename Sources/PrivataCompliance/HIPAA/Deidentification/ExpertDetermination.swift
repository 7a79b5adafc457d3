internal import Crypto
public import PrivataCore

/// An expert's determination that the risk of finding out who somebody is is very small, with what it
/// asks of the data.
///
/// ```swift
/// let expert = ExpertDetermination(
///   reference: "ED-2026-3", expires: end, k: 11, quasi: ["age", "zip", "sex"], sensitive: "diagnosis", l: 3)
/// let set = try await User.hipaa.deidentify(.expert(expert, kinds))
/// ```
///
/// Source: 45 CFR 164.514(b)(1).
public struct ExpertDetermination: Sendable, Hashable {
  /// The document of the expert, and until when it holds.
  public var reference: String
  public var expires: DateTime
  /// How many records at least are alike in the fields by which somebody could be known.
  public var k: Int
  public var quasi: [String]
  /// The field that nobody is to learn of one person, and how many of its values at least are among
  /// records that are alike.
  public var sensitive: String?
  public var l: Int
  /// How far at most the values among records that are alike may lie from those of all, 0 to 1.
  public var t: Double?
  /// What happens to dates.
  public var dates: SafeHarbor.Dates

  /// A determination.
  public init(
    reference: String, expires: DateTime, k: Int, quasi: [String], sensitive: String? = nil,
    l: Int = 1, t: Double? = nil, dates: SafeHarbor.Dates = .yearOnly
  ) {
    self.reference = reference
    self.expires = expires
    self.k = k
    self.quasi = quasi
    self.sensitive = sensitive
    self.l = l
    self.t = t
    self.dates = dates
  }
}

/// How well the records of a set hide whom they are about.
///
/// ```swift
/// let figures = AnonymityFigures(records, quasi: ["age", "zip"], sensitive: "diagnosis")
/// figures.k   // the size of the smallest group of records that are alike
/// ```
public struct AnonymityFigures: Sendable, Hashable {
  /// The size of the smallest group of records that are alike in the quasi-identifiers.
  public let k: Int
  /// The fewest values of the sensitive field within a group.
  public let l: Int
  /// The greatest distance of a group's values of the sensitive field from those of all, 0 to 1.
  public let t: Double
  /// How many groups there are.
  public let groups: Int

  /// The figures of records; of none they are as good as can be.
  public init(_ records: [Document], quasi: [String], sensitive: String? = nil) {
    let groups = AnonymityGroups(records, quasi).groups
    let values = { (rows: [Int]) in
      rows.map { row in sensitive.flatMap { records[row][$0] } ?? .null }
    }
    let all = Self.shares(values(Array(records.indices)))
    self.groups = groups.count
    k = groups.map(\.count).min() ?? .max
    l = groups.map { Set(values($0)).count }.min() ?? .max
    t = sensitive == nil ? 0 : groups.map { Self.distance(Self.shares(values($0)), all) }.max() ?? 0
  }

  static func shares(_ values: [Value]) -> [Value: Double] {
    values.reduce(into: [:]) { $0[$1, default: 0] += 1 / Double(values.count) }
  }

  /// Half the sum of the differences: how much of one would have to move to make the other.
  static func distance(_ a: [Value: Double], _ b: [Value: Double]) -> Double {
    Set(a.keys).union(b.keys).reduce(0) { $0 + abs((a[$1] ?? 0) - (b[$1] ?? 0)) } / 2
  }
}

/// Records that are alike.
struct AnonymityGroups {
  let groups: [[Int]]

  init(_ records: [Document], _ quasi: [String]) {
    var rows: [[Value]: [Int]] = [:]
    for (row, record) in records.enumerated() {
      rows[quasi.map { record[$0] ?? .null }, default: []].append(row)
    }
    groups = Array(rows.values)
  }
}

extension ExpertDetermination {
  /// - Throws: `badArgument` without a reference, for one that is over, and for figures that protect
  ///   nobody.
  func check(at now: DateTime) throws(PrivataError) {
    guard !reference.isEmpty, k >= 2, !quasi.isEmpty else {
      throw PrivataError(
        .badArgument,
        "an expert's determination has a reference, quasi-identifiers and a k of 2 "
          + "or more", fields: ["reference", "k"])
    }
    guard now < expires else {
      throw PrivataError(
        .badArgument, "the expert's determination is over", fields: ["expires"])
    }
  }

  /// The records without the groups that are too small or too much alike.
  func suppressed(_ records: [Document]) -> [Document] {
    let all = AnonymityFigures.shares(values(records, Array(records.indices)))
    var kept: [Int] = []
    for group in AnonymityGroups(records, quasi).groups where group.count >= k {
      let values = values(records, group)
      if sensitive != nil, Set(values).count < l { continue }
      if let t, AnonymityFigures.distance(AnonymityFigures.shares(values), all) > t { continue }
      kept += group
    }
    return kept.sorted().map { records[$0] }
  }

  private func values(_ records: [Document], _ rows: [Int]) -> [Value] {
    guard let sensitive else { return [] }
    return rows.map { records[$0][sensitive] ?? .null }
  }
}
