internal import PrivataCore

/// Makes one BSON document of the two halves of a record: `_id` first, then the model's order, then
/// what the model does not name.
struct DocumentJoin {
  let separation: Separation
  let persons: PersonLookup
  /// The document joined last.
  private(set) var bytes: [UInt8] = []
  private var pieces: [Piece] = []

  init(_ separation: Separation, persons: PersonLookup) {
    self.separation = separation
    self.persons = persons
  }

  private struct Piece {
    let rank: Int
    /// The person that the field refers to, where its value is a pseudonym.
    let reference: PersonReference?
    let half: Half
    let range: Range<Int>
  }

  /// Joins two halves into ``bytes``; a record without a clinical row has no clinical fields.
  mutating func join(identity: ArraySlice<UInt8>, clinical: ArraySlice<UInt8>?) {
    pieces.removeAll(keepingCapacity: true)
    bytes.removeAll(keepingCapacity: true)
    collect(.identity, identity)
    if let clinical { collect(.clinical, clinical) }
    order()
    for _ in 0..<4 { bytes.append(0) }
    for piece in pieces {
      let source = piece.half == .identity ? identity : clinical ?? []
      append(piece, of: source)
    }
    bytes.append(0)
    bytes.patchDocumentLength(at: 0)
  }

  // Pieces come nearly in order, which insertion sort makes cheap; it keeps equal ranks in place.
  private mutating func order() {
    for index in pieces.indices.dropFirst() {
      var place = index
      while place > 0, pieces[place - 1].rank > pieces[place].rank {
        pieces.swapAt(place - 1, place)
        place -= 1
      }
    }
  }

  private mutating func collect(_ half: Half, _ document: ArraySlice<UInt8>) {
    var cursor = 0
    var element = BSONIterator(document.span)
    while element.next() {
      if separation.hides(element, in: half) { continue }
      let position = separation.position(of: element, from: &cursor)
      if half == .clinical, let position, separation.placements[position] == .both { continue }
      let rank = position.map { separation.isID[$0] ? -1 : $0 } ?? Int.max
      let reference = half == .clinical ? position.flatMap { separation.reference(at: $0) } : nil
      pieces.append(
        Piece(rank: rank, reference: reference, half: half, range: element.elementRange))
    }
  }

  private mutating func append(_ piece: Piece, of source: ArraySlice<UInt8>) {
    let start = source.startIndex
    let slice = source[start + piece.range.lowerBound..<start + piece.range.upperBound]
    guard let reference = piece.reference else {
      bytes.append(contentsOf: slice)
      return
    }
    persons.append(element: slice, reference, to: &bytes)
  }
}

extension Separation {
  /// The person that the field at a position refers to.
  func reference(at position: Int) -> PersonReference? {
    references.isEmpty ? nil : references[model.fields[position].name]
  }

  /// The position of an element's field. Elements mostly come in the model's order, so the search
  /// begins behind the last one found.
  func position(of element: borrowing BSONIterator, from cursor: inout Int) -> Int? {
    for offset in keys.indices {
      let index = (cursor + offset) % keys.count
      let key = keys[index]
      if element.keyEquals(key.span) {
        cursor = index + 1 == keys.count ? 0 : index + 1
        return index
      }
    }
    return nil
  }
}
