// Finding one field of a document by its name: a word compared per element, and no value decoded but
// the one that was asked for.

extension BSONReader {
  /// The value of the first element with a key, found by scanning; `nil` where there is none.
  package static func value(of key: String, inValidated bytes: ArraySlice<UInt8>) -> Value? {
    var key = key
    return key.withUTF8 { name in
      bytes.withUnsafeBytes { source in
        guard var walk = ElementWalk(source), walk.find(FieldName(name)) else { return nil }
        return walk.value(sharing: bytes)
      }
    }
  }

  /// The elements of a document in order.
  package static func elements(ofValidated bytes: ArraySlice<UInt8>) -> [Document.Element] {
    bytes.withUnsafeBytes { source in
      guard var walk = ElementWalk(source) else { return [] }
      var elements: [Document.Element] = []
      // A guess that spares most documents the growth in steps.
      elements.reserveCapacity(min(bytes.count / 16, 64))
      while let key = walk.step() {
        let name = UnsafeRawBufferPointer(rebasing: source[key])
        elements.append(
          Document.Element(
            key: String(decoding: name, as: UTF8.self), value: walk.value(sharing: bytes)))
      }
      return elements
    }
  }
}

/// A key as it is compared: the first bytes of it and of its terminator in one word.
private struct FieldName {
  let text: UnsafeRawBufferPointer
  let word: UInt64
  let mask: UInt64

  @inline(__always)
  init(_ name: UnsafeBufferPointer<UInt8>) {
    text = UnsafeRawBufferPointer(name)
    var word: UInt64 = 0
    if name.count >= 8, let start = text.baseAddress {
      word = UInt64(littleEndian: start.loadUnaligned(as: UInt64.self))
    } else {
      for index in 0..<name.count { word |= UInt64(name[index]) &<< (8 &* UInt64(index)) }
    }
    self.word = word
    mask = name.count >= 7 ? UInt64.max : (1 &<< (8 &* UInt64(name.count &+ 1))) &- 1
  }
}

extension ElementWalk {
  /// Steps to the next element and answers where its key is; `nil` at the end and at the first
  /// damage.
  @inline(__always)
  fileprivate mutating func step() -> Range<Int>? {
    guard position < end else { return nil }
    type = start.load(fromByteOffset: position, as: UInt8.self)
    let key = position &+ 1
    guard let length = keyLength(key) else { return nil }
    valueStart = key &+ length &+ 1
    valueCount = size()
    guard valueCount >= 0, valueCount <= end &- valueStart else { return nil }
    position = valueStart &+ valueCount
    return key..<key &+ length
  }

  /// Steps to the first element of that name; false where there is none, and at the first damage.
  @inline(__always)
  fileprivate mutating func find(_ name: FieldName) -> Bool {
    // Most elements take this loop: those with room for a word behind their type.
    while position &+ 16 < end {
      let key = position &+ 1
      let word = word(at: key)
      let zeros = (word &- 0x0101_0101_0101_0101) & ~word & 0x8080_8080_8080_8080
      let isShort = zeros != 0
      let count = isShort ? zeros.trailingZeroBitCount / 8 : keyLength(key) ?? -1
      guard count >= 0 else { return false }
      type = start.load(fromByteOffset: position, as: UInt8.self)
      valueStart = key &+ count &+ 1
      valueCount = size()
      guard valueCount >= 0, valueCount <= end &- valueStart else { return false }
      if word & name.mask == name.word, count == name.text.count,
        isShort || equals(name, at: key)
      {
        return true
      }
      position = valueStart &+ valueCount
    }
    return findSlowly(name)
  }

  private mutating func findSlowly(_ name: FieldName) -> Bool {
    while let key = step() {
      if key.count == name.text.count, equals(name, at: key.lowerBound) { return true }
    }
    return false
  }

  /// The length of the key that begins there, without its terminator; `nil` where it has none.
  @inline(__always)
  private func keyLength(_ key: Int) -> Int? {
    var offset = key
    while offset &+ 8 <= end {
      let word = word(at: offset)
      // Sets the high bit of each zero byte; the lowest such bit is exact.
      let zeros = (word &- 0x0101_0101_0101_0101) & ~word & 0x8080_8080_8080_8080
      if zeros != 0 { return offset &+ zeros.trailingZeroBitCount / 8 &- key }
      offset &+= 8
    }
    while offset < end {
      if start.load(fromByteOffset: offset, as: UInt8.self) == 0 { return offset &- key }
      offset &+= 1
    }
    return nil
  }

  @inline(__always)
  private func equals(_ name: FieldName, at key: Int) -> Bool {
    var offset = 0
    if key &+ 8 <= bytes.count {
      guard word(at: key) & name.mask == name.word else { return false }
      offset = 8
    }
    while offset < name.text.count {
      guard start.load(fromByteOffset: key &+ offset, as: UInt8.self) == name.text[offset] else {
        return false
      }
      offset &+= 1
    }
    return true
  }

  @inline(__always)
  private func word(at offset: Int) -> UInt64 {
    UInt64(littleEndian: start.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
  }

  /// The current value; nested documents stay slices of the bytes.
  @inline(__always)
  fileprivate func value(sharing backing: ArraySlice<UInt8>) -> Value {
    switch type {
    case 0x02:
      let text = UnsafeRawBufferPointer(start: start + valueStart + 4, count: valueCount &- 5)
      return .string(String(decoding: text, as: UTF8.self))
    case 0x10:
      return .int32(
        Int32(littleEndian: start.loadUnaligned(fromByteOffset: valueStart, as: Int32.self)))
    case 0x12: return .int64(Int64(bitPattern: word(at: valueStart)))
    case 0x01: return .double(Double(bitPattern: word(at: valueStart)))
    case 0x09: return .date(DateTime(milliseconds: Int64(bitPattern: word(at: valueStart))))
    case 0x08: return .bool(start.load(fromByteOffset: valueStart, as: UInt8.self) != 0)
    case 0x07: return .objectID(ObjectID(reading: start + valueStart))
    case 0x0A: return .null
    case 0x03: return .document(Document(validated: slice(of: backing)))
    case 0x04: return .array(BSONReader.array(ofValidated: slice(of: backing)))
    default: return rareValue(sharing: backing)
    }
  }

  private func slice(of backing: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    let first = backing.startIndex + valueStart
    return backing[first..<first + valueCount]
  }

  private func rareValue(sharing backing: ArraySlice<UInt8>) -> Value {
    var element = BSONIterator(backing.span)
    while element.next() {
      if element.valueRange.lowerBound == valueStart {
        return BSONReader.value(of: element, sharing: backing, depth: 0)
      }
    }
    return .null
  }
}

extension ObjectID {
  @inline(__always)
  fileprivate init(reading address: UnsafeRawPointer) {
    self.init(
      high: UInt64(bigEndian: address.loadUnaligned(as: UInt64.self)),
      low: UInt32(bigEndian: address.loadUnaligned(fromByteOffset: 8, as: UInt32.self)))
  }
}
