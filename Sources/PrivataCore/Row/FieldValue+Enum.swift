/// An enumeration kept as its raw value: `enum Role: String, FieldValue { case patient, clinician }`.
extension FieldValue where Self: RawRepresentable, RawValue: FieldValue {
  /// The case whose raw value the cell holds; `nil` where there is none.
  public init?(cell: Cell, in batch: borrowing RowBatch) {
    guard let raw = RawValue(cell: cell, in: batch) else { return nil }
    self.init(rawValue: raw)
  }

  /// Appends the raw value.
  public func append(to batch: inout RowBatch) { rawValue.append(to: &batch) }
  /// The raw value.
  public var value: Value { rawValue.value }
}
