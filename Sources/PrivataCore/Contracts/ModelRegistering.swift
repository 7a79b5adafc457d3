/// A store that wants to know the models before the first query, because where a field lives depends
/// on the models that it refers to.
///
/// Styles call it when a model is defined, which sends nothing:
///
/// ```swift
/// (store as? any ModelRegistering)?.register([user, session])
/// ```
public protocol ModelRegistering: Store {
  /// Remembers the models by name; the last of a name counts.
  func register(_ models: [ModelSchema])
}
