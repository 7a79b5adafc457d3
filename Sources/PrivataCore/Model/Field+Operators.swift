// Comparison operators exist for fields and for key paths to fields, and for nothing more general:
// a small overload set keeps type checking of long predicates fast.

extension Field {
  @usableFromInline func compare(_ comparison: Filter.Comparison, _ value: Value) -> Condition<Root>
  {
    let value = value.value
    switch (comparison, value) {
    case (.equal, .null): return Condition(.isNull(name))
    case (.notEqual, .null): return Condition(.isNotNull(name))
    default: return Condition(.compare(name, comparison, value))
    }
  }
}

/// The field equals the value; `nil` asks for a missing value.
@inlinable public func == <Root, Value>(field: Field<Root, Value>, value: Value) -> Condition<Root>
{
  field.compare(.equal, value)
}

/// The field differs from the value; `nil` asks for any value.
@inlinable public func != <Root, Value>(field: Field<Root, Value>, value: Value) -> Condition<Root>
{
  field.compare(.notEqual, value)
}

/// The field is less than the value.
@inlinable public func < <Root, Value>(field: Field<Root, Value>, value: Value) -> Condition<Root> {
  field.compare(.less, value)
}

/// The field is at most the value.
@inlinable public func <= <Root, Value>(field: Field<Root, Value>, value: Value) -> Condition<Root>
{
  field.compare(.lessOrEqual, value)
}

/// The field is greater than the value.
@inlinable public func > <Root, Value>(field: Field<Root, Value>, value: Value) -> Condition<Root> {
  field.compare(.greater, value)
}

/// The field is at least the value.
@inlinable public func >= <Root, Value>(field: Field<Root, Value>, value: Value) -> Condition<Root>
{
  field.compare(.greaterOrEqual, value)
}

/// A key path to a field of a model: `\.email` where the model is known.
public typealias FieldPath<Root: Model, Value: FieldValue> = KeyPath<
  Root.Fields, Field<Root, Value>
>

/// The field equals the value; `nil` asks for a missing value.
@inlinable public func == <Root, Value>(path: FieldPath<Root, Value>, value: Value) -> Condition<
  Root
> {
  Root.fields[keyPath: path].compare(.equal, value)
}

/// The field differs from the value; `nil` asks for any value.
@inlinable public func != <Root, Value>(path: FieldPath<Root, Value>, value: Value) -> Condition<
  Root
> {
  Root.fields[keyPath: path].compare(.notEqual, value)
}

/// The field is less than the value.
@inlinable public func < <Root, Value>(path: FieldPath<Root, Value>, value: Value) -> Condition<
  Root
> {
  Root.fields[keyPath: path].compare(.less, value)
}

/// The field is at most the value.
@inlinable public func <= <Root, Value>(path: FieldPath<Root, Value>, value: Value) -> Condition<
  Root
> {
  Root.fields[keyPath: path].compare(.lessOrEqual, value)
}

/// The field is greater than the value.
@inlinable public func > <Root, Value>(path: FieldPath<Root, Value>, value: Value) -> Condition<
  Root
> {
  Root.fields[keyPath: path].compare(.greater, value)
}

/// The field is at least the value.
@inlinable public func >= <Root, Value>(path: FieldPath<Root, Value>, value: Value) -> Condition<
  Root
> {
  Root.fields[keyPath: path].compare(.greaterOrEqual, value)
}
