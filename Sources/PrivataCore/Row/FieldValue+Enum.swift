/// An enumeration kept as its raw value: `enum Role: String, FieldValue { case patient, clinician }`.
extension FieldValue where Self: RawRepresentable, RawValue: FieldValue {
  public init?(cell: Cell, in batch: RowBatch) {
    guard let raw = RawValue(cell: cell, in: batch) else { return nil }
    self.init(rawValue: raw)
  }

  public func append(to batch: inout RowBatch) { rawValue.append(to: &batch) }
  public var value: Value { rawValue.value }
}
