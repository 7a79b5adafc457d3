/// Steps over the elements of one BSON document without allocating: type, key bytes, and the range
/// of the raw value, all inside the bytes given.
///
/// ```swift
/// var element = BSONIterator(bytes)
/// while element.next() {
///   if element.type == .int32 { batch.append(element.int32) }
/// }
/// ```
///
/// It checks every length against the bytes, so damaged input ends the iteration (``damage`` says
/// why) and never reads out of bounds. It does not look inside nested documents, nor at UTF-8.
package struct BSONIterator: ~Escapable {
  /// The bytes of the document, from its length on.
  package let bytes: Span<UInt8>
  /// The type of the current element.
  package private(set) var type = BSONType.null
  /// Where the current key is, without its terminator.
  package private(set) var keyRange = 0..<0
  /// Where the current value is; a text's range includes its length and terminator.
  package private(set) var valueRange = 0..<0
  /// Why the iteration ended early, `nil` where it did not.
  package private(set) var damage: BSONDamage?
  /// The offset of the next element.
  private var position = 4
  /// The offset of the document's terminator.
  private let end: Int

  /// Stands before the first element of the document that these bytes begin with.
  @_lifetime(copy bytes)
  package init(_ bytes: Span<UInt8>) {
    self.bytes = bytes
    if let length = Self.documentLength(in: bytes, at: 0, limit: bytes.count) {
      end = length - 1
    } else {
      end = 4
      damage = .length
    }
  }

  /// Stands on a single value without a key: one type byte, then the value, and nothing after.
  @_lifetime(copy bytes)
  init(keyless bytes: Span<UInt8>) {
    self.bytes = bytes
    end = bytes.count
    position = end
    guard let type = bytes.isEmpty ? nil : BSONType(rawValue: bytes[0]) else {
      damage = .type
      return
    }
    guard valueSize(of: type, at: 1) == bytes.count - 1 else {
      damage = .value
      return
    }
    self.type = type
    valueRange = 1..<bytes.count
  }

  /// Steps to the next element; `false` at the end and at the first damaged element.
  package mutating func next() -> Bool {
    guard position < end, damage == nil else { return false }
    guard let type = BSONType(rawValue: bytes[position]) else { return stop(.type) }
    guard let keyEnd = bytes.firstZero(in: position &+ 1..<end) else { return stop(.key) }
    let start = keyEnd &+ 1
    guard let size = valueSize(of: type, at: start) else { return stop(.value) }
    guard size <= end &- start else { return stop(.length) }
    self.type = type
    keyRange = position &+ 1..<keyEnd
    valueRange = start..<start &+ size
    position = start &+ size
    return true
  }

  private mutating func stop(_ reason: BSONDamage) -> Bool {
    damage = reason
    return false
  }

  /// The offset at which the next element begins, or at which the damage is.
  package var offset: Int { position }
}

/// What is wrong with the bytes of a document.
package enum BSONDamage: UInt8, Sendable {
  case length, type, key, value
}

// MARK: - Sizes

extension BSONIterator {
  /// The bytes that a value takes, `nil` where its own lengths contradict each other or the bytes.
  private func valueSize(of type: BSONType, at start: Int) -> Int? {
    switch type {
    case .null, .undefined, .minKey, .maxKey: 0
    case .bool: 1
    case .int32: 4
    case .double, .date, .int64, .timestamp: 8
    case .objectID: 12
    case .decimal: 16
    case .string, .code, .symbol: Self.textSize(in: bytes, at: start, limit: end)
    case .document, .array: Self.documentLength(in: bytes, at: start, limit: end)
    case .binary: length(at: start).flatMap { $0 < 0 ? nil : $0 &+ 5 }
    case .dbPointer: Self.textSize(in: bytes, at: start, limit: end).map { $0 &+ 12 }
    case .codeWithScope: length(at: start).flatMap { $0 < 14 ? nil : $0 }
    case .regex: regexSize(at: start)
    }
  }

  private func length(at offset: Int) -> Int? {
    offset &+ 4 <= end ? Int(bytes.load(Int32.self, at: offset)) : nil
  }

  private func regexSize(at start: Int) -> Int? {
    guard let pattern = bytes.firstZero(in: start..<end) else { return nil }
    guard let options = bytes.firstZero(in: pattern &+ 1..<end) else { return nil }
    return options &+ 1 &- start
  }

  /// The size of a text with its length and terminator, `nil` where it is damaged.
  static func textSize(in bytes: Span<UInt8>, at start: Int, limit: Int) -> Int? {
    guard start &+ 4 <= limit else { return nil }
    let length = Int(bytes.load(Int32.self, at: start))
    guard length >= 1, length <= limit &- start &- 4 else { return nil }
    return bytes[start &+ 3 &+ length] == 0 ? length &+ 4 : nil
  }

  /// The size of a document, `nil` where its length or its terminator is wrong.
  static func documentLength(in bytes: Span<UInt8>, at start: Int, limit: Int) -> Int? {
    guard start &+ 4 <= limit else { return nil }
    let length = Int(bytes.load(Int32.self, at: start))
    guard length >= 5, length <= limit &- start else { return nil }
    return bytes[start &+ length &- 1] == 0 ? length : nil
  }
}
