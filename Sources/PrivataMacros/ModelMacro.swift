public import SwiftSyntax
internal import SwiftSyntaxBuilder
public import SwiftSyntaxMacros

/// `@Model` and `@Table`: write down what the struct says, as a conformance to `Model`.
public struct ModelMacro: ExtensionMacro {
  public static func expansion(
    of node: AttributeSyntax, attachedTo declaration: some DeclGroupSyntax,
    providingExtensionsOf type: some TypeSyntaxProtocol, conformingTo protocols: [TypeSyntax],
    in context: some MacroExpansionContext
  ) throws -> [ExtensionDeclSyntax] {
    let source = try ModelDescription(node, declaration).source(extending: type.trimmedDescription)
    return [try ExtensionDeclSyntax("\(raw: source)")]
  }
}
