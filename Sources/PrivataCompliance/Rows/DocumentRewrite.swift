internal import PrivataCore

/// Turns a document of one half into the program's: without what the vault adds, ids in place of
/// pseudonyms, all else byte for byte and in its order.
struct DocumentRewrite {
  let separation: Separation
  let half: Half
  let persons: PersonLookup

  /// Appends the rewritten document.
  func append(_ document: ArraySlice<UInt8>, to bytes: inout [UInt8]) {
    let start = document.startIndex
    let origin = bytes.count
    var kept = 0
    var cursor = 0
    var element = BSONIterator(document.span)
    while element.next() {
      let isHidden = separation.hides(element, in: half)
      let reference = isHidden ? nil : reference(of: element, &cursor)
      guard isHidden || reference != nil else { continue }
      let range = element.elementRange
      bytes.append(contentsOf: document[start + kept..<start + range.lowerBound])
      kept = range.upperBound
      if let reference {
        let slice = document[start + range.lowerBound..<start + range.upperBound]
        persons.append(element: slice, reference, to: &bytes)
      }
    }
    bytes.append(contentsOf: document[(start + kept)...])
    bytes.patchDocumentLength(at: origin)
  }

  private func reference(
    of element: borrowing BSONIterator, _ cursor: inout Int
  ) -> PersonReference? {
    guard half == .clinical, !separation.references.isEmpty else { return nil }
    return separation.position(of: element, from: &cursor).flatMap { separation.reference(at: $0) }
  }
}

extension Separation {
  /// True for a field that the vault adds to a half.
  func hides(_ element: borrowing BSONIterator, in half: Half) -> Bool {
    let hidden = keyBytes
    switch half {
    case .identity:
      return link != nil && element.keyEquals(hidden.link.span)
    case .clinical:
      guard shape == .split else { return false }
      return element.keyEquals(hidden.clinicalKey.span) || element.keyEquals(hidden.unlinked.span)
    }
  }

  /// Where the text of the pseudonym is in a document of a half, `nil` where it is absent.
  func linkRange(in document: ArraySlice<UInt8>, of half: Half) -> Range<Int>? {
    let key = half == .identity ? keyBytes.link : keyBytes.clinicalKey
    let start = document.startIndex
    var element = BSONIterator(document.span)
    while element.next() {
      guard element.keyEquals(key.span), element.type == .string else { continue }
      let range = element.textRange
      return range.lowerBound + start..<range.upperBound + start
    }
    return nil
  }
}

extension BSONIterator {
  /// Where the whole element is: type byte, key, value.
  var elementRange: Range<Int> { keyRange.lowerBound - 1..<valueRange.upperBound }
}

extension [UInt8] {
  /// Writes at an offset how many bytes follow from there, as BSON wants it.
  mutating func patchDocumentLength(at offset: Int) {
    let length = UInt32(truncatingIfNeeded: count - offset)
    for index in 0..<4 {
      self[offset + index] = UInt8(truncatingIfNeeded: length >> (8 * UInt32(index)))
    }
  }
}
