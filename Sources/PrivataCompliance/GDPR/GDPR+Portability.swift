public import PrivataCore

/// A person's data for another controller.
public struct PortableData: Sendable {
  /// The version of the format.
  public static let version = 1
  let report: AccessReport

  /// All records as one JSON document: `{"version": 1, "subject": …, "records": {"User": [...]}}`.
  public var json: String {
    var records = Document()
    for section in report.records {
      let known = records[section.model]?.asArray ?? []
      records[section.model] = .array(known + section.records.map { .document($0) })
    }
    let whole: Document = [
      "format": "privata-portable", "version": .int(Self.version),
      "generatedAt": .string(report.generatedAt.iso8601), "subject": report.key,
      "records": .document(records),
    ]
    return whole.extendedJSON(.relaxed)
  }

  /// One CSV file per model, by the model's name: a heading, then a line per record, fields in the
  /// order in which they occur first. Nested values are JSON.
  ///
  /// Source: RFC 4180.
  public var csv: [String: String] {
    var files: [String: [Document]] = [:]
    for section in report.records { files[section.model, default: []] += section.records }
    return files.mapValues(CSVText.text)
  }
}

extension GDPR {
  /// A person's data in a form that programs read: JSON, and CSV per model.
  ///
  /// ```swift
  /// let data = try await User.gdpr.rightToPortability(id)
  /// data.csv["User"]
  /// ```
  ///
  /// - Throws: as ``rightToAccess(_:)``.
  /// - Privacy: reads all fields of the person and is audited as such.
  ///
  /// Source: GDPR Article 20.
  public func rightToPortability(
    _ id: some FieldValue
  ) async throws(PrivataError) -> PortableData {
    if let there = try await elsewhere(id.value) { return try await there.rightToPortability(id) }
    return PortableData(report: try await rightToAccess(id))
  }
}

/// Records as the text of a CSV file.
enum CSVText {
  static func text(_ records: [Document]) -> String {
    var names: [String] = []
    var seen: Set<String> = []
    for record in records {
      for key in record.keys where seen.insert(key).inserted { names.append(key) }
    }
    let lines =
      [names.map(quoted)]
      + records.map { record in names.map { record[$0].map(field) ?? "" } }
    return lines.map { $0.joined(separator: ",") + "\r\n" }.joined()
  }

  private static func field(_ value: Value) -> String {
    switch value {
    case .null, .undefined: ""
    case .string(let text): quoted(harmless(text))
    case .bool(let flag): flag ? "true" : "false"
    case .int32(let number): String(number)
    case .int64(let number): String(number)
    case .double(let number): String(number)
    case .decimal(let number): "\(number)"
    case .date(let date): date.iso8601
    case .objectID(let id): "\(id)"
    default: quoted(Document([.init(key: "v", value: value)]).extendedJSON(.relaxed))
    }
  }

  /// A text that no spreadsheet takes for a formula.
  private static func harmless(_ text: String) -> String {
    guard let first = text.first, "=+-@\t\r".contains(first) else { return text }
    return "'" + text
  }

  private static func quoted(_ text: String) -> String {
    guard text.contains(where: { ",\"\r\n".contains($0) || $0.isNewline }) else { return text }
    return "\"" + text.replacing("\"", with: "\"\"") + "\""
  }
}
