/// One key of an ordering of typed records.
///
/// ```swift
/// let newestFirst: [Order<User>] = [.desc(\.createdAt), .asc(\.id)]
/// // ORDER BY created_at DESC, id
/// ```
public struct Order<Root: Model>: Sendable, Hashable {
  /// What the stores sort by.
  public let key: SortKey

  /// Smallest first.
  public static func asc<Value>(
    _ path: FieldPath<Root, Value>, nulls: SortKey.Nulls? = nil
  ) -> Order {
    Order(key: SortKey(Root.fields[keyPath: path].name, nulls: nulls))
  }

  /// Largest first.
  public static func desc<Value>(
    _ path: FieldPath<Root, Value>, nulls: SortKey.Nulls? = nil
  ) -> Order {
    Order(key: SortKey(Root.fields[keyPath: path].name, descending: true, nulls: nulls))
  }
}
