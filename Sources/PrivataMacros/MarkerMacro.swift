public import SwiftSyntax
public import SwiftSyntaxMacros

/// `@PII`, `@PHI` and `@Column`: they add nothing by themselves, `@Model` reads them.
public struct MarkerMacro: PeerMacro {
  public static func expansion(
    of node: AttributeSyntax, providingPeersOf declaration: some DeclSyntaxProtocol,
    in context: some MacroExpansionContext
  ) throws -> [DeclSyntax] { [] }
}
