internal import SwiftSyntax

/// One stored property that becomes a field.
struct FieldDescription {
  var property: String
  var type: String
  /// The arguments of `FieldSchema(_:as:…)` after the first two: label to source.
  var arguments: [String: String] = [:]
  var isPrimaryKey = false

  /// The key in documents: the property without backticks.
  var key: String { property.filter { $0 != "`" } }

  /// The arguments in the order that the initialiser takes them.
  var orderedArguments: [String] {
    let order = [
      "column", "privacy", "isUnique", "isIndexed", "isGenerated", "placement", "reference", "kept",
      "allowed", "storeDefault", "encryption",
    ]
    return order.compactMap { label in arguments[label].map { "\(label): \($0)" } }
  }
}

extension FieldDescription {
  /// The field of a stored property; `nil` for everything else.
  init?(_ member: DeclSyntax) throws {
    guard let variable = member.as(VariableDeclSyntax.self), let binding = variable.bindings.first,
      !variable.modifiers.contains(where: { ["static", "lazy"].contains($0.name.text) }),
      binding.accessorBlock == nil,
      !(variable.bindingSpecifier.text == "let" && binding.initializer != nil)
    else { return nil }
    guard let name = binding.pattern.as(IdentifierPatternSyntax.self)?.identifier.text,
      let annotation = binding.typeAnnotation, variable.bindings.count == 1
    else { throw Misuse.noType(binding.pattern.trimmedDescription) }
    self.init(property: name, type: annotation.type.trimmedDescription)
    for case .attribute(let attribute) in variable.attributes { read(attribute) }
  }

  private mutating func read(_ attribute: AttributeSyntax) {
    switch attribute.attributeName.trimmedDescription {
    case "PII": arguments["privacy"] = ".pii"
    case "PHI": arguments["privacy"] = ".phi"
    case "Column":
      for argument in attribute.arguments?.as(LabeledExprListSyntax.self) ?? [] {
        read(argument.expression)
      }
    default: break
    }
  }

  private mutating func read(_ option: ExprSyntax) {
    if option.is(StringLiteralExprSyntax.self) {
      arguments["column"] = option.trimmedDescription
    } else if let call = option.as(FunctionCallExprSyntax.self),
      let member = call.calledExpression.as(MemberAccessExprSyntax.self)
    {
      read(member.declName.baseName.text, call.arguments)
    } else if let member = option.as(MemberAccessExprSyntax.self) {
      read(member.declName.baseName.text, [])
    }
  }

  private mutating func read(_ option: String, _ values: LabeledExprListSyntax) {
    switch option {
    case "primaryKey": isPrimaryKey = true
    case "unique": arguments["isUnique"] = "true"
    case "indexed": arguments["isIndexed"] = "true"
    case "generated": arguments["isGenerated"] = "true"
    case "clinical", "both": arguments["placement"] = ".\(option)"
    case "references":
      arguments["reference"] = "Reference(\(values.trimmedDescription), isEnforced: true)"
    case "refers": arguments["reference"] = "Reference(\(values.trimmedDescription))"
    case "kept": arguments["kept"] = values.first?.expression.trimmedDescription
    case "allowed": arguments["allowed"] = "[\(values.trimmedDescription)]"
    case "encrypted":
      arguments["encryption"] =
        values.isEmpty ? ".encrypted" : ".encrypted(\(values.trimmedDescription))"
    case "storeDefault": arguments["storeDefault"] = values.trimmedDescription
    default: break
    }
  }
}
