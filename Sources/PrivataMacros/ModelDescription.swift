internal import SwiftSyntax

/// What `@Model` knows about a struct after reading its source, before it writes any.
struct ModelDescription {
  var name: String
  var collection: String
  var namespace: String?
  var access: String
  var fields: [FieldDescription]
}

extension ModelDescription {
  /// Reads the struct and its attribute.
  init(_ attribute: AttributeSyntax, _ declaration: some DeclGroupSyntax) throws {
    guard let type = declaration.as(StructDeclSyntax.self) else { throw Misuse.notAStruct }
    name = type.name.text
    let level = type.modifiers.map(\.name.text).first { ["public", "package"].contains($0) }
    access = level.map { $0 + " " } ?? ""
    let arguments = attribute.arguments?.as(LabeledExprListSyntax.self)
    collection = arguments?.text(label: nil) ?? name.prefix(1).lowercased() + name.dropFirst() + "s"
    namespace = arguments?.text(label: "schema")
    fields = try type.memberBlock.members.compactMap { try FieldDescription($0.decl) }
    guard !fields.isEmpty else { throw Misuse.noFields }
  }
}

extension LabeledExprListSyntax {
  /// The string literal given under a label, `nil` for the first argument without one.
  fileprivate func text(label: String?) -> String? {
    let literal = first { $0.label?.text == label }?.expression.as(StringLiteralExprSyntax.self)
    guard case .stringSegment(let segment)? = literal?.segments.first else { return nil }
    return segment.content.text
  }
}
