package import PrivataCore
internal import Synchronization

/// What a store knows of one table of open models: the columns it has, and whether any of its rows
/// may be odd. Shared by all models of the collection.
package final class PhysicalTable: Sendable {
  private struct Known: Sendable, Equatable {
    var columns: [LayoutColumn]
    var indexes: [KeyedIndex]
  }

  private let known: Mutex<Known>
  private let stamp = Atomic<Int>(0)

  /// A table with these columns.
  package init(
    columns: [LayoutColumn] = [], indexes: [KeyedIndex] = [], mayHoldOdd: Bool = false
  ) {
    known = Mutex(Known(columns: columns, indexes: indexes))
    if mayHoldOdd { noteOdd() }
  }

  /// The columns of the table.
  package var columns: [LayoutColumn] { known.withLock { $0.columns } }

  /// The indexes that have columns of their own.
  package var indexes: [KeyedIndex] { known.withLock { $0.indexes } }

  /// True once a row with an odd value was written or found; plans then check every row again.
  package var mayHoldOdd: Bool { version & 1 == 1 }

  /// Changes with the columns and with the first odd row; plans hold for one version.
  package var version: Int { stamp.load(ordering: .acquiring) }

  /// Notes that a row with an odd value is about to be written.
  package func noteOdd() { stamp.bitwiseOr(1, ordering: .acquiringAndReleasing) }

  /// Notes that the table is not what it was, so that no plan for it is used again.
  package func noteGone() { stamp.add(2, ordering: .acquiringAndReleasing) }

  /// Notes the columns that the table has now.
  package func note(columns: [LayoutColumn], indexes: [KeyedIndex]) {
    let new = Known(columns: columns, indexes: indexes)
    known.withLock { known in
      guard known != new else { return }
      known = new
      stamp.add(2, ordering: .acquiringAndReleasing)
    }
  }
}

/// A model with the layout of its table, as of one version of the table.
package struct BoundModel: Sendable {
  package let layout: TableLayout
  package let physical: PhysicalTable
  package let version: Int

  /// Binds a model to its table as it is now.
  package init(
    _ model: ModelSchema, dialect: SQLDialect, table: PhysicalTable, keepsOrder: Bool = false
  ) {
    physical = table
    version = table.version
    layout = TableLayout(
      model, dialect: dialect, existing: model.isOpen ? table.columns : [],
      indexes: table.indexes, keepsOrder: keepsOrder)
  }

  /// False once the table has changed.
  package var isCurrent: Bool { version == physical.version }

  /// True where some row may hold a value of another type than its column's.
  package var mayHoldOdd: Bool { version & 1 == 1 && layout.isOpen }
}
