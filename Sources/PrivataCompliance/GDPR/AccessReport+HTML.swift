internal import PrivataCore

/// How fields and codes are called in a language, for people.
///
/// ```swift
/// var labels = ReportLabels(language: "de")
/// labels.fields["Patient.email"] = "E-Mail"
/// labels.values["Patient.diagnosis"] = ["J45": "Asthma"]
/// ```
public struct ReportLabels: Sendable, Hashable {
  /// The language, as `de`.
  public var language: String
  /// By model and field, as `Patient.email`; models by their names.
  public var fields: [String: String] = [:]
  /// What codes stand for, by field.
  public var values: [String: [String: String]] = [:]

  /// Labels of a language, to be filled.
  public init(language: String) { self.language = language }

  /// The label of a field; its name in words where there is none.
  func label(_ model: String, _ field: String) -> String {
    fields["\(model).\(field)"] ?? Self.words(field)
  }

  /// A value with what its code stands for.
  func text(_ value: Value, _ model: String, _ field: String) -> String {
    let text = HTMLPage.text(value)
    guard let meaning = values["\(model).\(field)"]?[text] else { return text }
    return "\(meaning) (\(text))"
  }

  /// `dateOfBirth` and `date_of_birth` as `Date of birth`.
  static func words(_ name: String) -> String {
    var text = ""
    for character in name {
      if character == "_" || character == "." {
        text.append(" ")
      } else if character.isUppercase, text.last?.isLowercase == true {
        text += " \(character.lowercased())"
      } else {
        text.append(character)
      }
    }
    let words = text.split(separator: " ").joined(separator: " ")
    return words.prefix(1).uppercased() + words.dropFirst()
  }
}

extension AccessReport {
  /// The fields that have no label in a language: for a check before a release.
  public func unlabelled(_ labels: ReportLabels) -> [String] {
    Set(fields.map { "\($0.model).\($0.field)" }).filter { labels.fields[$0] == nil }.sorted()
  }

  /// The report as a page that people read: labels in place of names, meanings beside codes.
  ///
  /// - Privacy: holds everything that is kept about the person; every text is escaped.
  ///
  /// Source: GDPR Article 12(1).
  public func html(_ labels: ReportLabels = ReportLabels(language: "en")) -> String {
    let title = labels.fields["report"] ?? "Your data"
    var page = HTMLPage(title, language: labels.language)
    for section in records {
      let rows = section.records.map { record in
        Document(
          record.elements.map { element in
            .init(
              key: labels.label(section.model, element.key),
              value: .string(labels.text(element.value, section.model, element.key)))
          })
      }
      page.table(labels.fields[section.model] ?? ReportLabels.words(section.model), rows)
    }
    return page.text
  }
}
