internal import PrivataCore

/// What is asked of the store so that an answer can be opened, and how the answer becomes the
/// caller's.
struct SealedShape: Sendable {
  let projection: Projection
  /// The columns of the answer in cells, before those that were asked for beside.
  let width: Int
  /// The encrypted fields among the columns.
  let sealed: [Int: SealedField]
  /// The column of the field to which ciphertexts are bound.
  let recordColumn: Int?
  /// The names of all columns.
  let columns: [String]
  /// True where documents came whole and get their projection here.
  let isProjectedHere: Bool
  /// True where nothing has to be opened or taken away.
  let isPlain: Bool

  /// - Parameter beside: fields to fetch beside those that are answered.
  init(
    _ projection: Projection, _ layout: RowLayout, _ plan: SealingPlan, beside: Set<String> = []
  ) throws(PrivataError) {
    switch layout {
    case .cells: try self.init(cells: projection, plan, beside)
    case .documents: self.init(documents: projection, plan, isWhole: !beside.isEmpty)
    }
  }

  private init(
    cells projection: Projection, _ plan: SealingPlan, _ beside: Set<String>
  ) throws(PrivataError) {
    var names = plan.names
    if case .fields(let chosen) = projection { names = chosen }
    width = names.count
    for name in names where plan.byName[name] == nil {
      guard let field = plan.sealed(name) else { continue }
      throw SealedFilter.refused(field.name, plan, "read in part", "read the whole field")
    }
    var columns = names
    for name in beside.sorted() where !columns.contains(name) { columns.append(name) }
    var sealed: [Int: SealedField] = [:]
    for (column, name) in columns.enumerated() { sealed[column] = plan.byName[name] }
    if !sealed.isEmpty, !columns.contains(plan.record) { columns.append(plan.record) }
    self.columns = columns
    self.sealed = sealed
    recordColumn = columns.firstIndex(of: plan.record)
    isPlain = sealed.isEmpty && columns.count == width
    self.projection = .fields(columns)
    isProjectedHere = false
  }

  private init(documents projection: Projection, _ plan: SealingPlan, isWhole: Bool) {
    width = 1
    sealed = [:]
    columns = []
    recordColumn = nil
    let use = FieldUse(projection)
    let touches =
      use.isAll || isWhole
      || use.names.contains { plan.byName[$0] != nil || plan.hidden.contains($0) }
    isPlain = !touches
    isProjectedHere = touches && projection != .all
    self.projection = touches ? .all : projection
  }
}
