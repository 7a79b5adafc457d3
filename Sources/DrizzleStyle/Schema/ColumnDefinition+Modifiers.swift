public import PrivataCore

extension ColumnDefinition {
  private func with(_ change: (inout ColumnDefinition) -> Void) -> ColumnDefinition {
    var copy = self
    change(&copy)
    return copy
  }

  /// Names the column in the database.
  public func named(_ name: String) -> ColumnDefinition { with { $0.name = name } }

  /// Refuses null.
  public func notNull() -> ColumnDefinition { with { $0.isNotNull = true } }

  /// Makes the column the primary key. SQLite: an integer one is the row id, and with
  /// `autoincrement` the ids of deleted rows are never given again.
  public func primaryKey(autoincrement: Bool = false) -> ColumnDefinition {
    with {
      $0.isPrimaryKey = true
      $0.isNotNull = true
      $0.isAutoincrement = autoincrement
    }
  }

  /// Refuses two rows with the same value.
  public func unique(_ name: String? = nil, nullsNotDistinct: Bool = false) -> ColumnDefinition {
    with { $0.uniqueness = Uniqueness(name: name, nullsNotDistinct: nullsNotDistinct) }
  }

  /// Fills in a value where an insert gives none.
  public func `default`(_ value: Value) -> ColumnDefinition {
    with { $0.defaultValue = .value(value) }
  }

  /// Fills in the value of an expression where an insert gives none.
  public func `default`(_ expression: SQL) -> ColumnDefinition {
    with { $0.defaultValue = .sql(expression) }
  }

  /// Fills in the current time where an insert gives none.
  public func defaultNow() -> ColumnDefinition { with { $0.defaultValue = .now } }

  /// Fills in a new random UUID where an insert gives none (PostgreSQL).
  public func defaultRandom() -> ColumnDefinition { `default`(SQL("gen_random_uuid()")) }

  /// Fills in what the function gives for each inserted row without a value. The database knows
  /// nothing of it.
  public func onInsert(_ make: @escaping @Sendable () -> SQLValue) -> ColumnDefinition {
    with { $0.onInsert = make }
  }

  /// Fills in what the function gives on each update that says nothing about the column, and on an
  /// insert without a value.
  public func onUpdate(_ make: @escaping @Sendable () -> SQLValue) -> ColumnDefinition {
    with { $0.onUpdate = make }
  }

  /// Lets the database compute the column; inserts and updates leave it out.
  public func generatedAlwaysAs(_ expression: SQL, isStored: Bool = true) -> ColumnDefinition {
    with { $0.generated = Generated(expression: expression, isStored: isStored) }
  }

  /// Lets PostgreSQL number the rows; an insert cannot give a number of its own.
  public func generatedAlwaysAsIdentity(
    _ options: SequenceOptions = SequenceOptions()
  ) -> ColumnDefinition {
    with {
      $0.identity = Identity(isAlways: true, sequence: options)
      $0.isNotNull = true
    }
  }

  /// Lets PostgreSQL number the rows that an insert gives no number for.
  public func generatedByDefaultAsIdentity(
    _ options: SequenceOptions = SequenceOptions()
  ) -> ColumnDefinition {
    with {
      $0.identity = Identity(isAlways: false, sequence: options)
      $0.isNotNull = true
    }
  }

  /// Refers to a column of another table, or of the same.
  public func references(
    onDelete: Reference.Action? = nil, onUpdate: Reference.Action? = nil,
    _ column: @escaping @Sendable () -> SQLColumn
  ) -> ColumnDefinition {
    with {
      $0.reference = ColumnReference(column: column, onDelete: onDelete, onUpdate: onUpdate)
    }
  }

  /// PostgreSQL: makes the column an array of so many dimensions.
  public func array(dimensions: Int = 1) -> ColumnDefinition {
    with {
      if case .postgres(let type, _) = $0.type {
        $0.type = .postgres(type, dimensions: dimensions)
      }
    }
  }

  /// True where an insert leaves the column out.
  func isLeftOut(overridingIdentity: Bool) -> Bool {
    generated != nil || identity?.isAlways == true && !overridingIdentity
  }
}
