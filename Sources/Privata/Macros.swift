internal import PrivataCore

/// Makes a struct a model that every style takes: writes its schema, its typed fields, and how a
/// record is read from and written to a row.
///
/// ```swift
/// @Model("users")
/// struct User {
///   @Column(.primaryKey) var id: String
///   @PII @Column(.unique) var email: String
///   @PHI var diagnosis: String?
///   var role: String
/// }
/// ```
///
/// The argument is the table or collection; without one it is the name with a small first letter and
/// an `s`. `schema:` names a Postgres schema.
@attached(
  extension, conformances: Model,
  names: named(Fields), named(fields), named(schema), named(init(from:)), named(write(to:)))
public macro Model(_ collection: String? = nil, schema: String? = nil) =
  #externalMacro(module: "PrivataMacros", type: "ModelMacro")

/// The same as ``Model(_:schema:)`` by the name that Drizzle's users know.
@attached(
  extension, conformances: Model,
  names: named(Fields), named(fields), named(schema), named(init(from:)), named(write(to:)))
public macro Table(_ name: String? = nil, schema: String? = nil) =
  #externalMacro(module: "PrivataMacros", type: "ModelMacro")

/// Marks a field that identifies, contacts, authenticates or finances a person.
///
/// - Privacy: under a vault the field is kept in the identity store (GDPR Article 4(1)).
@attached(peer)
public macro PII() = #externalMacro(module: "PrivataMacros", type: "MarkerMacro")

/// Marks a field of health or care content.
///
/// - Privacy: under a vault the field is kept in the clinical store under a random pseudonym
///   (GDPR Articles 4(5) and 4(15); 45 CFR 160.103).
@attached(peer)
public macro PHI() = #externalMacro(module: "PrivataMacros", type: "MarkerMacro")

/// Says how a field is kept: its column's name and options.
///
/// ```swift
/// @Column("first_name", .indexed) var firstName: String
/// ```
@attached(peer)
public macro Column(_ name: String, _ options: ColumnOption...) =
  #externalMacro(module: "PrivataMacros", type: "MarkerMacro")

/// Says how a field is kept, in a column of its own name.
@attached(peer)
public macro Column(_ options: ColumnOption...) =
  #externalMacro(module: "PrivataMacros", type: "MarkerMacro")
