internal import PrivataCore

/// The forms in which a person takes their data along.
public enum PortableFormat: String, Sendable, Hashable, CaseIterable {
  /// One document: `{"format": "privata-portable", "version": 1, "records": {"User": [...]}}`.
  case json
  /// A file per model, one after the other, each behind a line `# Model`.
  case csv
  case xml
  /// A FHIR R4 Bundle, made by ``VaultOptions/fhir``.
  case fhirR4
}

/// Records as XML: an element per record, one per field; what is nested is JSON.
enum XMLText {
  static let head = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"

  static func record(_ record: Document, model: String) -> String {
    let fields = record.elements.map { element -> String in
      let name = escaped(element.key)
      if element.value.isNull { return "<field name=\"\(name)\"/>" }
      let text = escaped(CSVText.plain(element.value))
      return "<field name=\"\(name)\" type=\"\(element.value.typeName)\">\(text)</field>"
    }
    return "<record model=\"\(escaped(model))\">\(fields.joined())</record>\n"
  }

  /// A text as XML holds it; what XML cannot hold at all becomes the replacement character.
  static func escaped(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      case "\t", "\n", "\r": result += "&#\(scalar.value);"
      case _ where scalar.value < 0x20 || scalar.value == 0xFFFE || scalar.value == 0xFFFF:
        result += "\u{FFFD}"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }
}
