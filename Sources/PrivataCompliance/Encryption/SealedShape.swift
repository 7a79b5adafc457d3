internal import PrivataCore
internal import Synchronization

/// A column of ciphertexts.
struct SealedColumn: Sendable {
  let column: Int
  let field: SealedField
  /// What the bindings of its values begin with.
  let place: [UInt8]
}

/// The shapes of reads of one half, made once each.
final class SealedShapes: Sendable {
  private struct Entry {
    let projection: Projection
    let layout: RowLayout
    let region: String
    let shape: SealedShape
  }

  private let entries = Mutex<[Entry]>([])
  /// Only a program that makes up projections gets there.
  private static let limit = 64

  /// The shape of a read that fetches nothing beside its answer.
  ///
  /// - Throws: as ``SealedShape``.
  func shape(
    _ projection: Projection, _ layout: RowLayout, _ plan: SealingPlan, region: String
  ) throws(PrivataError) -> SealedShape {
    let known = entries.withLock { entries in
      entries.first {
        $0.layout == layout && $0.region == region && $0.projection == projection
      }?.shape
    }
    if let known { return known }
    let made = try SealedShape(projection, layout, plan, region: region)
    // Others may hold values of a person.
    if case .document = projection { return made }
    entries.withLock { entries in
      if entries.count >= Self.limit { entries = [] }
      entries.append(
        Entry(projection: projection, layout: layout, region: region, shape: made))
    }
    return made
  }
}

/// What is asked of the store so that an answer can be opened, and how the answer becomes the
/// caller's.
struct SealedShape: Sendable {
  let projection: Projection
  /// The columns of the answer in cells, before those that were asked for beside.
  let width: Int
  /// The encrypted fields among the columns.
  let sealed: [SealedColumn]
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
    _ projection: Projection, _ layout: RowLayout, _ plan: SealingPlan, region: String,
    beside: Set<String> = []
  ) throws(PrivataError) {
    switch layout {
    case .cells: try self.init(cells: projection, plan, region, beside)
    case .documents: self.init(documents: projection, plan, isWhole: !beside.isEmpty)
    }
  }

  private init(
    cells projection: Projection, _ plan: SealingPlan, _ region: String, _ beside: Set<String>
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
    var sealed: [SealedColumn] = []
    for (column, name) in columns.enumerated() {
      guard let field = plan.byName[name] else { continue }
      let place = AssociatedData.place(of: field, region: region, half: plan.half)
      sealed.append(SealedColumn(column: column, field: field, place: place))
    }
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
    sealed = []
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
