internal import PrivataCore
internal import PrivataSQL

/// How the cells of a row become a document: which cell is which key, how it is decoded, and which
/// objects are missing as a whole.
struct RowShape: Sendable {
  let root: Node
  /// How each column is to be read by the driver; `nil` where the driver is to answer what the
  /// server says.
  let columns: [FieldType?]

  indirect enum Node: Sendable {
    case cell(Int, Decoder)
    /// An object; null where all of the named cells are.
    case object([(key: String, node: Node)], isNullWhere: [Int])
    /// Rows that travelled as JSON.
    case json(Int, RelationShape)
  }

  /// The document of a row.
  func document(_ answers: [Answer]) throws(PrivataError) -> Document {
    guard case .document(let document) = try value(root, answers) else { return Document() }
    return document
  }

  private func value(_ node: Node, _ answers: [Answer]) throws(PrivataError) -> Value {
    switch node {
    case .cell(let index, let decoder): return try decoder.decode(answers[index])
    case .json(let index, let shape): return try shape.value(answers[index])
    case .object(let members, let markers):
      if !markers.isEmpty, markers.allSatisfy({ answers[$0].isNull }) { return .null }
      var elements: [Document.Element] = []
      elements.reserveCapacity(members.count)
      for member in members {
        elements.append(.init(key: member.key, value: try value(member.node, answers)))
      }
      return .document(Document(elements))
    }
  }

  /// Builds the tree of a selection.
  struct Builder {
    let nullable: Set<String>
    let markers: [String: SQLColumn]?
    private let count: Int
    private var next = 0
    private(set) var hidden: [SQLColumn] = []

    init(nullable: Set<String>, markers: [String: SQLColumn]?, count: Int) {
      self.nullable = nullable
      self.markers = markers
      self.count = count
    }

    mutating func object(_ selection: Selection, depth: Int) -> Node {
      let start = next
      var members: [(key: String, node: Node)] = []
      for (key, field) in selection.fields {
        if case .nested(let inner) = field {
          members.append((key, object(inner, depth: depth + 1)))
        } else {
          members.append((key, .cell(next, field.decoder)))
          next += 1
        }
      }
      let tests = depth == 1 ? self.tests(selection, from: start) : []
      return .object(members, isNullWhere: tests)
    }

    /// The cells that say whether an object's source is there: a column that is never null in a
    /// row, or one that is added for it. Only an object of columns of one source can be missing.
    private mutating func tests(_ selection: Selection, from start: Int) -> [Int] {
      var columns: [(index: Int, column: SQLColumn)] = []
      for (offset, entry) in selection.fields.enumerated() {
        switch entry.field {
        case .column(let column): columns.append((start + offset, column))
        case .nested: return []
        default: break
        }
      }
      let owners = Set(columns.map { $0.column.owner?.name })
      guard owners.count == 1, let owner = owners.first.flatMap({ $0 }), nullable.contains(owner)
      else { return [] }
      if let sure = columns.first(where: { $0.column.isNotNull }) { return [sure.index] }
      if let marker = markers?[owner] {
        if let selected = columns.first(where: { $0.column.name == marker.name }) {
          return [selected.index]
        }
        hidden.append(marker)
        return [count + hidden.count - 1]
      }
      return columns.map(\.index)
    }
  }
}

extension SelectedField {
  /// How the driver is to read the field.
  var fieldType: FieldType? {
    if case .column(let column) = self { column.fieldType } else { nil }
  }

  var decoder: Decoder {
    switch self {
    case .column(let column): .column(column)
    case .expression(let fragment): fragment.decoder
    case .scalar(let part): part.scalarDecoder
    case .nested: .plain
    }
  }
}
