/// A typed record of any style: written by `@Model`, or by hand.
///
/// ```swift
/// struct Tag: Model {
///   var id: Int64
///   var label: String
///
///   struct Fields: Sendable {
///     let id = Field<Tag, Int64>("id", at: 0)
///     let label = Field<Tag, String>("label", at: 1)
///   }
///   static let fields = Fields()
///   static let schema = ModelSchema(
///     name: "Tag", collection: "tags",
///     fields: [.init("id", .int64, isOptional: false), .init("label", .string, isOptional: false)])
///
///   init(from row: borrowing RowView) throws(PrivataError) {
///     id = try row.decode(at: 0)
///     label = try row.decode(at: 1)
///   }
///   func write(to row: inout RowWriter) throws(PrivataError) {
///     row.append(id)
///     row.append(label)
///   }
/// }
/// ```
///
/// Cells come and go in the order of `schema.fields`.
public protocol Model: Sendable {
  /// One ``Field`` per stored property, for key paths such as `\.email` in filters and selections.
  associatedtype Fields: Sendable
  /// The fields of the model.
  static var fields: Fields { get }
  /// The model as stores see it, its fields in the order of cells.
  static var schema: ModelSchema { get }
  /// Reads a record from a row that holds every field of the schema, in order.
  init(from row: borrowing RowView) throws(PrivataError)
  /// Writes every field of the schema, in order.
  func write(to row: inout RowWriter) throws(PrivataError)
}
