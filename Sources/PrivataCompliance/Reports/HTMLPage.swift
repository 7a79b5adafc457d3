internal import PrivataCore

/// A plain page of tables and lists; every text in it is escaped.
struct HTMLPage {
  private var parts: [String] = []
  private let title: String
  private let language: String

  init(_ title: String, language: String = "en") {
    self.title = title
    self.language = language
  }

  /// The whole page.
  var text: String {
    """
    <!doctype html>
    <html lang="\(Self.escaped(language))"><head><meta charset="utf-8">\
    <title>\(Self.escaped(title))</title></head>
    <body><h1>\(Self.escaped(title))</h1>
    \(parts.joined(separator: "\n"))
    </body></html>
    """
  }

  /// Adds a table whose columns are all names that occur.
  mutating func table(
    _ title: String, _ rows: [Document], label: (String) -> String = { $0 }
  ) {
    guard !rows.isEmpty else { return }
    var columns: [String] = []
    for row in rows { for key in row.keys where !columns.contains(key) { columns.append(key) } }
    var lines = ["<h2>\(Self.escaped(title))</h2>", "<table>"]
    let heads = columns.map { "<th>\(Self.escaped(label($0)))</th>" }
    lines.append("<tr>\(heads.joined())</tr>")
    for row in rows {
      let cells = columns.map { "<td>\(Self.escaped(Self.text(row[$0])))</td>" }
      lines.append("<tr>\(cells.joined())</tr>")
    }
    lines.append("</table>")
    parts.append(lines.joined(separator: "\n"))
  }

  /// Adds a list.
  mutating func list(_ title: String, _ items: [String]) {
    guard !items.isEmpty else { return }
    let lines = items.map { "<li>\(Self.escaped($0))</li>" }
    parts.append("<h2>\(Self.escaped(title))</h2>\n<ul>\(lines.joined())</ul>")
  }

  /// A value as people read it.
  static func text(_ value: Value?) -> String {
    switch value {
    case nil, .null?, .undefined?: ""
    case .string(let text)?: text
    case .bool(let flag)?: flag ? "yes" : "no"
    case .date(let date)?: String(date.iso8601.prefix(10))
    case .array(let items)?: items.map { text($0) }.joined(separator: ", ")
    case .document(let document)?:
      document.elements.map { "\($0.key): \(text($0.value))" }.joined(separator: ", ")
    case .int32(let number)?: String(number)
    case .int64(let number)?: String(number)
    case .double(let number)?: String(number)
    case .objectID(let id)?: "\(id)"
    case .some(let other): Document([.init(key: "v", value: other)]).extendedJSON(.relaxed)
    }
  }

  static func escaped(_ text: String) -> String {
    text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
      .replacing("\"", with: "&quot;").replacing("'", with: "&#39;")
  }
}
