extension ModelDescription {
  /// The conformance, as source.
  func source(extending type: String) -> String {
    """
    extension \(type): Model {
    \([fieldsType, "  \(access)static let fields = Fields()", schema, reading, writing]
      .joined(separator: "\n\n"))
    }
    """
  }

  private var fieldsType: String {
    let lines = fields.enumerated().map { position, field in
      "    \(access)let \(field.property) = "
        + "Field<\(name), \(field.type)>(\"\(field.key)\", at: \(position))"
    }
    return block("\(access)struct Fields: Sendable", lines)
  }

  private var schema: String {
    let lines = fields.map { field in
      let type = field.type.hasSuffix("?") ? "(\(field.type))" : field.type
      let arguments = ["\"\(field.key)\"", "as: \(type).self"] + field.orderedArguments
      return "      FieldSchema(\(arguments.joined(separator: ", "))),"
    }
    let keys = fields.filter(\.isPrimaryKey).map { "\"\($0.key)\"" }.joined(separator: ", ")
    return """
        \(access)static let schema = ModelSchema(
          name: "\(name)", collection: "\(collection)",\
      \(namespace.map { " namespace: \"\($0)\"," } ?? "")
          fields: [
      \(lines.joined(separator: "\n"))
          ]\(keys.isEmpty ? "" : ", primaryKey: [\(keys)]"))
      """
  }

  /// Cells are read before the record is put together: one that is half made when a cell is refused
  /// would be built and taken apart field by field.
  private var reading: String {
    let cells = fields.enumerated().map { position, field in
      "    let cell\(position): \(field.type) = try row.decode(at: \(position))"
    }
    let assignments = fields.enumerated().map { position, field in
      "    self.\(field.property) = cell\(position)"
    }
    return block(
      "\(access)init(from row: borrowing RowView) throws(PrivataError)", cells + assignments)
  }

  private var writing: String {
    block(
      "\(access)func write(to row: inout RowWriter) throws(PrivataError)",
      fields.map { "    row.append(self.\($0.property))" })
  }

  private func block(_ head: String, _ lines: [String]) -> String {
    (["  \(head) {"] + lines + ["  }"]).joined(separator: "\n")
  }
}
