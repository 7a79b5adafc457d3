/// One change of a typed record.
///
/// ```swift
/// let changes: [Change<User>] = [.set(\.role, "admin"), .increment(\.visits, 1)]
/// // SET role = 'admin', visits = visits + 1      {$set: {role: "admin"}, $inc: {visits: 1}}
/// ```
public struct Change<Root: Model>: Sendable, Hashable {
  /// What the stores carry out.
  public let assignment: Assignment

  @usableFromInline package init(_ name: String, _ value: Value, _ operation: Assignment.Operation)
  {
    assignment = Assignment(name, value, operation)
  }

  /// Sets the field.
  @inlinable public static func set<T>(_ path: FieldPath<Root, T>, _ value: T) -> Change {
    Change(Root.fields[keyPath: path].name, value.value, .set)
  }

  /// Takes the value away.
  @inlinable public static func unset<T>(_ path: FieldPath<Root, T?>) -> Change {
    Change(Root.fields[keyPath: path].name, .null, .unset)
  }

  /// Adds to the field in the store, so that concurrent calls all count.
  @inlinable public static func increment<T>(_ path: FieldPath<Root, T>, _ value: T) -> Change {
    Change(Root.fields[keyPath: path].name, value.value, .increment)
  }

  /// Multiplies the field in the store.
  @inlinable public static func multiply<T>(_ path: FieldPath<Root, T>, _ value: T) -> Change {
    Change(Root.fields[keyPath: path].name, value.value, .multiply)
  }

  /// Appends an element to a list.
  @inlinable public static func push<T>(_ path: FieldPath<Root, [T]>, _ element: T) -> Change {
    Change(Root.fields[keyPath: path].name, element.value, .push)
  }
}
