public import PrivataCore

/// A person's data for another controller.
public struct PortableData: Sendable {
  /// The version of the format.
  public static let version = 1
  let report: AccessReport
  let mappings: [FHIRMapping]

  /// The fields that are no part of it, and why: concluded ones, those on another ground, those about
  /// others.
  public let excluded: [WithheldField]

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

  /// All records as XML.
  public var xml: String {
    let records = report.records.flatMap { section in
      section.records.map { XMLText.record($0, model: section.model) }
    }
    return XMLText.head + "<portable version=\"\(Self.version)\">\n" + records.joined()
      + "</portable>\n"
  }

  /// The records that a mapping names as a FHIR R4 Bundle of type `collection`.
  public var fhir: String {
    mappings.bundle(
      report.records.map { (model: $0.model, key: $0.key, records: $0.records) }, of: report.key,
      report.model, at: report.generatedAt
    ).extendedJSON(.relaxed)
  }
}

extension GDPR {
  /// A person's data in a form that programs read: JSON, XML, CSV per model, and FHIR R4 where
  /// ``VaultOptions/fhir`` maps the models.
  ///
  /// ```swift
  /// let data = try await User.gdpr.rightToPortability(id)
  /// data.csv["User"]
  /// data.fhir
  /// ```
  ///
  /// - Throws: as ``rightToAccess(_:)``.
  /// - Privacy: reads the fields of the person that they provided or that were observed, on consent or
  ///   contract, as ``VaultOptions/fieldFacts`` says; audited.
  ///
  /// Source: GDPR Article 20.
  public func rightToPortability(
    _ id: some FieldValue
  ) async throws(PrivataError) -> PortableData {
    if let there = try await elsewhere(id.value) { return try await there.rightToPortability(id) }
    let report = try await rightToAccess(id)
    guard report.missing.isEmpty else {
      throw PrivataError(
        .connection, "a store does not answer, and nothing is to be missing: ask again",
        model: model.name, isRetriable: true)
    }
    let models = Set(report.records.map(\.model)).compactMap { core.registry.model($0) }
    let excluded = models.sorted { $0.name < $1.name }
      .flatMap { core.options.fieldFacts.withheld($0, isPortable: true) }
    return PortableData(
      report: report.without(excluded), mappings: core.options.fhir, excluded: excluded)
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
    return line(names.map(quoted)) + records.map { line($0, names) }.joined()
  }

  /// A record as a line.
  static func line(_ record: Document, _ names: [String]) -> String {
    line(names.map { record[$0].map(field) ?? "" })
  }

  static func line(_ cells: [String]) -> String { cells.joined(separator: ",") + "\r\n" }

  private static func field(_ value: Value) -> String {
    switch value {
    case .null, .undefined: ""
    case .string(let text): quoted(harmless(text))
    case .document, .array: quoted(plain(value))
    default: quoted(plain(value))
    }
  }

  /// A value as text; what is nested as JSON.
  static func plain(_ value: Value) -> String {
    switch value {
    case .null, .undefined: ""
    case .string(let text): text
    case .bool(let flag): flag ? "true" : "false"
    case .int32(let number): String(number)
    case .int64(let number): String(number)
    case .double(let number): String(number)
    case .decimal(let number): "\(number)"
    case .date(let date): date.iso8601
    case .objectID(let id): "\(id)"
    default: Document([.init(key: "v", value: value)]).extendedJSON(.relaxed)
    }
  }

  /// A text that no spreadsheet takes for a formula.
  private static func harmless(_ text: String) -> String {
    guard let first = text.first, "=+-@\t\r".contains(first) else { return text }
    return "'" + text
  }

  static func quoted(_ text: String) -> String {
    guard text.contains(where: { ",\"\r\n".contains($0) || $0.isNewline }) else { return text }
    return "\"" + text.replacing("\"", with: "\"\"") + "\""
  }
}
