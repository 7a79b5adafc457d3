public import PrivataCore

/// The calls of a typed model: the same verbs, checked by the compiler.
///
/// ```swift
/// let users = try await db[User.self].findMany(
///   where: \.role == "patient" && \.age >= 18, orderBy: [.desc(\.createdAt)], take: 10)
/// // SELECT … FROM users WHERE role = $1 AND age >= $2 ORDER BY "createdAt" DESC LIMIT 10
/// ```
public struct TypedClient<M: Model>: Sendable {
  @usableFromInline let store: any Store

  init(store: any Store) { self.store = store }
}

extension PrismaClient {
  /// The calls of a typed model.
  public subscript<M: Model>(model: M.Type) -> TypedClient<M> { TypedClient(store: store) }
}

/// A to-many relation between typed models: which field of the child names which field of the parent.
public struct ToMany<Parent: Model, Child: Model>: Sendable {
  @usableFromInline let parent: Int
  @usableFromInline let child: String
  @usableFromInline let childPosition: Int

  /// The children whose field equals the parent's.
  public init<Key: FieldValue & Hashable>(
    _ child: FieldPath<Child, Key>, _ parent: FieldPath<Parent, Key>
  ) {
    self.parent = Parent.fields[keyPath: parent].position
    self.child = Child.fields[keyPath: child].name
    childPosition = Child.fields[keyPath: child].position
  }
}
