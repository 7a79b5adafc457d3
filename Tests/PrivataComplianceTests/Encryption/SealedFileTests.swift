import Foundation
import Testing

@testable import PrivataCompliance
@testable import PrivataCore

@Suite struct SealedFileTests {
  private let key = [UInt8](repeating: 9, count: 32)

  private func sealed(_ content: [UInt8], by step: Int = 10_000) throws -> [UInt8] {
    var writer = try SealedFile.Writer(key: key)
    var bytes: [UInt8] = []
    for start in stride(from: 0, to: content.count, by: step) {
      bytes += try writer.append(content[start..<min(start + step, content.count)])
    }
    return try bytes + writer.finish()
  }

  private func opened(_ bytes: [UInt8], by step: Int = 7_777) throws -> [UInt8] {
    var reader = SealedFile.Reader(key: key)
    var content: [UInt8] = []
    for start in stride(from: 0, to: bytes.count, by: step) {
      content += try reader.append(bytes[start..<min(start + step, bytes.count)])
    }
    return try content + reader.finish()
  }

  private func content(_ count: Int) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31) }
  }

  @Test(arguments: [0, 1, 65_535, 65_536, 65_537, 131_072, 200_001])
  func everyLengthComesBack(_ count: Int) throws {
    let content = content(count)
    let bytes = try sealed(content)
    #expect(bytes.count == count + 20 + 16 * max(1, (count + 65_535) / 65_536))
    #expect(try opened(bytes) == content)
    #expect(try opened(bytes, by: 1 << 20) == content)
    #expect(try sealed(content) != bytes)
  }

  /// Cut anywhere, and just between two pieces, it does not pass for the whole.
  @Test func whatWasCutIsFound() throws {
    let bytes = try sealed(content(140_000))
    let piece = SealedFile.piece + 16
    for count in [0, 3, 19, 20, 30, 20 + piece - 1, 20 + piece, 20 + 2 * piece, bytes.count - 1] {
      #expect(throws: PrivataError.self) { try opened(Array(bytes.prefix(count))) }
    }
    let longer = bytes + [0]
    #expect(throws: PrivataError.self) { try opened(longer) }
  }

  @Test func whatWasChangedOrMovedIsFound() throws {
    let bytes = try sealed(content(140_000))
    let piece = SealedFile.piece + 16
    for place in [0, 4, 19, 20, 20 + piece, 20 + 2 * piece, bytes.count - 1] {
      var changed = bytes
      changed[place] ^= 1
      let other = changed
      #expect(throws: PrivataError.self) { try opened(other) }
    }
    let first = Array(bytes[20..<20 + piece])
    let second = Array(bytes[20 + piece..<20 + 2 * piece])
    let turned = bytes[..<20] + second + first + bytes[(20 + 2 * piece)...]
    #expect(throws: PrivataError.self) { try opened(Array(turned)) }
    let doubled = bytes[..<20] + first + first + bytes[(20 + piece)...]
    #expect(throws: PrivataError.self) { try opened(Array(doubled)) }
  }

  @Test func keysAreOfTheirLengthAndStreamsEnd() throws {
    #expect(throws: PrivataError.self) { try SealedFile.Writer(key: [1]) }
    var reader = SealedFile.Reader(key: [1])
    let bytes = try sealed([1])
    #expect(throws: PrivataError.self) { try reader.append(bytes) }
    var other = SealedFile.Reader(key: SealedFile.newKey())
    _ = try other.append(bytes)
    #expect(throws: PrivataError.self) { try other.finish() }
    var writer = try SealedFile.Writer(key: key)
    _ = try writer.finish()
    #expect(throws: PrivataError.self) { try writer.finish() }
  }
}
