/// The bit operators: `$bitsAllSet`, `$bitsAnySet`, `$bitsAllClear`, `$bitsAnyClear`.
struct BitTest: Sendable, Hashable {
  enum Kind: String, Sendable {
    case allSet = "$bitsAllSet", anySet = "$bitsAnySet", allClear = "$bitsAllClear",
      anyClear = "$bitsAnyClear"
  }

  let kind: Kind
  let positions: [Int]

  /// The test of an operator and its operand: a mask, bytes, or a list of positions.
  init(_ kind: Kind, _ operand: Value) throws(PrivataError) {
    self.kind = kind
    switch operand {
    case .binary(let binary): positions = Self.positions(of: binary.bytes)
    case .array(let values):
      var positions: [Int] = []
      for value in values {
        guard let position = value.exactInteger, position >= 0, position <= Int64(Int32.max) else {
          throw .rejected(2, "bit positions in \(kind.rawValue) must be integers and not negative")
        }
        positions.append(Int(position))
      }
      self.positions = positions
    case let value where value.isNumber:
      guard let mask = value.exactInteger, mask >= 0 else {
        throw .rejected(9, "\(kind.rawValue) expects an integer that is not negative")
      }
      positions = (0..<63).filter { mask >> Int64($0) & 1 == 1 }
    default:
      throw .rejected(2, "\(kind.rawValue) takes an array, a number, or binary data")
    }
  }

  /// True where the value is an integral number or bytes whose bits satisfy the test.
  func matches(_ value: Value) -> Bool {
    switch value {
    case .binary(let binary):
      return holds { position in
        let byte = position / 8
        return byte < binary.bytes.count && binary.bytes[byte] >> UInt8(position % 8) & 1 == 1
      }
    default:
      guard let number = Self.bits(of: value) else { return false }
      // A negative number has its sign in every further bit.
      return holds { number >> Int64(min($0, 63)) & 1 == 1 }
    }
  }

  /// The bits of a number: a double has to be integral, a decimal is rounded.
  private static func bits(of value: Value) -> Int64? {
    guard case .decimal(let number) = value else { return value.exactInteger }
    // MongoDB's conversion of what 64 bits do not hold.
    return Int64(exactly: number.rounded(places: 0, .toNearestOrEven)) ?? .min
  }

  private func holds(_ isSet: (Int) -> Bool) -> Bool {
    switch kind {
    case .allSet: positions.allSatisfy(isSet)
    case .anySet: positions.contains(where: isSet)
    case .allClear: !positions.contains(where: isSet)
    case .anyClear: !positions.allSatisfy(isSet)
    }
  }

  private static func positions(of bytes: [UInt8]) -> [Int] {
    (0..<bytes.count * 8).filter { bytes[$0 / 8] >> UInt8($0 % 8) & 1 == 1 }
  }
}

extension Value {
  /// The number where it is integral and within 64 bits, `nil` for anything else.
  package var exactInteger: Int64? {
    switch self {
    case .int32(let value): Int64(value)
    case .int64(let value): value
    case .double(let value): Int64(exactly: value)
    case .decimal(let value): Int64(exactly: value)
    default: nil
    }
  }
}
