package import PrivataCore

/// The two parts of one record.
package struct SeparatedDocument: Sendable, Hashable {
  package var identity = Document()
  package var clinical = Document()
}

extension Separation {
  /// Divides a record: a pure function that loses nothing; fields kept in both halves are in both.
  package func separate(_ document: Document) -> SeparatedDocument {
    var identity: [Document.Element] = []
    var clinical: [Document.Element] = []
    for element in document.elements {
      switch placement(of: element.key) {
      case .identity: identity.append(element)
      case .clinical: clinical.append(element)
      case .both:
        identity.append(element)
        clinical.append(element)
      }
    }
    return SeparatedDocument(identity: Document(identity), clinical: Document(clinical))
  }
}
