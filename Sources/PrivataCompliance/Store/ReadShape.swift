internal import PrivataCore

/// What of a read follows from its shape alone: the part of the audit event that is known before it
/// runs, which half answers, which columns a joined row takes from where.
final class ReadShape: Sendable {
  let scope: AuditScope
  /// The half that can answer alone, `nil` where it takes both.
  let half: Half?
  let columns: JoinColumns
  /// What is read; of a shape that is kept with conditions without their values.
  private let needs: ReadNeeds
  /// Which part of the filter is the whole of it, `nil` where it has several.
  private let part: Part?
  /// True where queries of other values have the shape too.
  private let isKept: Bool
  private let separation: Separation
  /// True where the identity store alone picks and orders the rows, and no cell is translated.
  let isDirect: Bool
  /// Both halves as one statement reads them, where the stores let it; once more with the pseudonym as
  /// the last cell.
  let joined: JoinedHalf?
  let joinedWithLink: JoinedHalf?

  init(_ query: Query, _ separation: Separation, isKept: Bool = false) {
    self.isKept = isKept
    self.separation = separation
    scope = AuditScope(query, separation)
    needs = ReadNeeds(query, in: separation)
    half = needs.half(in: separation)
    columns = JoinColumns(query, needs, separation)
    part = Part(needs.filter)
    let halves = needs.sort.halves(in: separation)
    isDirect =
      query.answer == .rows && query.layout == .cells && separation.shape == .split && half == nil
      && halves.isSubset(of: .identity) && columns.references.isEmpty
      && columns.answered == columns.names.count && needs.filter.clinical == .all
      && needs.filter.residual == .all
    let isJoined = isDirect && query.sort.isEmpty
    joined = isJoined ? columns.joined(separation, withLink: false) : nil
    joinedWithLink = isJoined ? columns.joined(separation, withLink: true) : nil
  }

  /// What a query of the shape reads.
  func needs(of query: Query) -> ReadNeeds {
    guard isKept, query.filter != .all else { return needs }
    guard let part else { return ReadNeeds(query, in: separation) }
    var needs = needs
    switch part {
    case .identity: needs.filter.identity = query.filter
    case .clinical: needs.filter.clinical = query.filter
    case .residual: needs.filter.residual = query.filter
    }
    return needs
  }

  private enum Part {
    case identity, clinical, residual

    /// The part that holds all conditions.
    init?(_ filter: SplitFilter) {
      switch (filter.identity == .all, filter.clinical == .all, filter.residual == .all) {
      case (_, true, true): self = .identity
      case (true, false, true): self = .clinical
      case (true, true, false): self = .residual
      default: return nil
      }
    }
  }
}

extension Query {
  /// The column of a field in the layout of cells.
  func column(of field: String) -> Int? {
    guard layout == .cells else { return nil }
    if case .fields(let names) = projection { return names.firstIndex(of: field) }
    return model.position(of: field)
  }
}
