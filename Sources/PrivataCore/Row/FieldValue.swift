/// A Swift type that a cell can hold; the types that typed models use.
public protocol FieldValue: Sendable {
  /// Reads the cell, `nil` where it holds another type.
  init?(cell: Cell, in batch: borrowing RowBatch)
  /// Appends the value as one cell.
  func append(to batch: inout RowBatch)
  /// The value as the core knows it.
  var value: Value { get }
}

extension Bool: FieldValue {
  @inlinable public init?(cell: Cell, in batch: borrowing RowBatch) {
    switch cell.tag {
    case .bool: self = cell.bits != 0
    case .int64, .int32: self = cell.bits != 0
    default: return nil
    }
  }

  @inlinable public func append(to batch: inout RowBatch) { batch.append(bool: self) }
  public var value: Value { .bool(self) }
}

extension Int32: FieldValue {
  @inlinable public init?(cell: Cell, in batch: borrowing RowBatch) {
    guard let wide = Int64(cell: cell, in: batch), let value = Int32(exactly: wide) else {
      return nil
    }
    self = value
  }

  @inlinable public func append(to batch: inout RowBatch) { batch.append(int32: self) }
  public var value: Value { .int32(self) }
}

extension Int64: FieldValue {
  @inlinable public init?(cell: Cell, in batch: borrowing RowBatch) {
    switch cell.tag {
    case .int64, .int32: self = Int64(bitPattern: cell.bits)
    case .double:
      guard let value = Int64(exactly: Double(bitPattern: cell.bits)) else { return nil }
      self = value
    default: return nil
    }
  }

  @inlinable public func append(to batch: inout RowBatch) { batch.append(int64: self) }
  public var value: Value { .int64(self) }
}

extension Int: FieldValue {
  @inlinable public init?(cell: Cell, in batch: borrowing RowBatch) {
    guard let wide = Int64(cell: cell, in: batch) else { return nil }
    self = Int(wide)
  }

  @inlinable public func append(to batch: inout RowBatch) { batch.append(int64: Int64(self)) }
  public var value: Value { .int64(Int64(self)) }
}

extension Double: FieldValue {
  @inlinable public init?(cell: Cell, in batch: borrowing RowBatch) {
    switch cell.tag {
    case .double: self = Double(bitPattern: cell.bits)
    case .int64, .int32: self = Double(Int64(bitPattern: cell.bits))
    default: return nil
    }
  }

  @inlinable public func append(to batch: inout RowBatch) { batch.append(double: self) }
  public var value: Value { .double(self) }
}

extension String: FieldValue {
  @inline(__always)
  @inlinable public init?(cell: Cell, in batch: borrowing RowBatch) {
    guard cell.tag == .text else { return nil }
    self = batch.text(of: cell)
  }

  @inlinable public func append(to batch: inout RowBatch) { batch.append(text: self) }
  public var value: Value { .string(self) }
}

extension DateTime: FieldValue {
  @inlinable public init?(cell: Cell, in batch: borrowing RowBatch) {
    guard cell.tag == .date else { return nil }
    self.init(milliseconds: Int64(bitPattern: cell.bits))
  }

  @inlinable public func append(to batch: inout RowBatch) { batch.append(date: self) }
  public var value: Value { .date(self) }
}

extension ObjectID: FieldValue {
  @inlinable public init?(cell: Cell, in batch: borrowing RowBatch) {
    guard cell.tag == .objectID else { return nil }
    self.init(high: cell.bits, low: cell.extra)
  }

  @inlinable public func append(to batch: inout RowBatch) { batch.append(objectID: self) }
  public var value: Value { .objectID(self) }
}

extension Document: FieldValue {
  public init?(cell: Cell, in batch: borrowing RowBatch) {
    guard case .document(let document)? = batch.value(of: cell) else { return nil }
    self = document
  }

  public func append(to batch: inout RowBatch) { batch.append(.document, bytes: bson) }
  public var value: Value { .document(self) }
}

extension Decimal128: FieldValue {
  public init?(cell: Cell, in batch: borrowing RowBatch) {
    guard case .decimal(let decimal)? = batch.value(of: cell) else { return nil }
    self = decimal
  }

  public func append(to batch: inout RowBatch) { batch.append(value) }
  public var value: Value { .decimal(self) }
}

extension Binary: FieldValue {
  public init?(cell: Cell, in batch: borrowing RowBatch) {
    guard case .binary(let binary)? = batch.value(of: cell) else { return nil }
    self = binary
  }

  public func append(to batch: inout RowBatch) { batch.append(value) }
  public var value: Value { .binary(self) }
}

extension Value: FieldValue {
  public init?(cell: Cell, in batch: borrowing RowBatch) { self = batch.value(of: cell) ?? .null }
  public func append(to batch: inout RowBatch) { batch.append(self) }
  public var value: Value { self }
}

extension Optional: FieldValue where Wrapped: FieldValue {
  @inlinable public init?(cell: Cell, in batch: borrowing RowBatch) {
    switch cell.tag {
    case .null, .missing: self = .none
    default:
      guard let value = Wrapped(cell: cell, in: batch) else { return nil }
      self = .some(value)
    }
  }

  @inlinable public func append(to batch: inout RowBatch) {
    switch self {
    case .some(let value): value.append(to: &batch)
    case .none: batch.appendNull()
    }
  }

  public var value: Value { self?.value ?? .null }
}

extension Array: FieldValue where Element: FieldValue {
  public init?(cell: Cell, in batch: borrowing RowBatch) {
    guard case .array(let values)? = batch.value(of: cell) else { return nil }
    var scratch = RowBatch(width: 1)
    for value in values { scratch.append(value) }
    var elements: [Element] = []
    for row in 0..<values.count {
      guard let element = Element(cell: scratch.cell(row: row, column: 0), in: scratch) else {
        return nil
      }
      elements.append(element)
    }
    self = elements
  }

  public func append(to batch: inout RowBatch) { batch.append(value) }
  public var value: Value { .array(map(\.value)) }
}
