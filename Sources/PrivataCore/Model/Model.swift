/// A typed record of any style: written by `@Model`, or by hand.
///
/// ```swift
/// struct Tag: Model {
///   var id: Int64
///   var label: String
///   static let schema = ModelSchema(
///     name: "Tag", collection: "tags",
///     fields: [.init("id", .int64, isOptional: false), .init("label", .string, isOptional: false)])
///   init(from row: RowView) throws(PrivataError) {
///     id = try row.decode(Int64.self, at: 0)
///     label = try row.decode(String.self, at: 1)
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
  /// The model's fields, in the order of cells.
  static var schema: ModelSchema { get }
  /// Reads a record from a row that holds every field of the schema, in order.
  init(from row: RowView) throws(PrivataError)
  /// Writes every field of the schema, in order.
  func write(to row: inout RowWriter) throws(PrivataError)
}
