import CRawPostgres
import PrivataCore

/// Binary parameters of one libpq call, laid out in one buffer.
struct Parameters {
  private var bytes: [UInt8] = []
  private var ends: [Int] = []

  init() { bytes.reserveCapacity(160) }

  mutating func append(_ text: String) {
    bytes.append(contentsOf: text.utf8)
    ends.append(bytes.count)
  }

  mutating func append(_ value: Int64) {
    withUnsafeBytes(of: value.bigEndian) { bytes.append(contentsOf: $0) }
    ends.append(bytes.count)
  }

  mutating func append(_ value: Double) { append(Int64(bitPattern: value.bitPattern)) }

  mutating func append(_ value: Bool) {
    bytes.append(value ? 1 : 0)
    ends.append(bytes.count)
  }

  mutating func append(_ date: DateTime) { append((date.milliseconds - 946_684_800_000) * 1000) }

  mutating func append(_ id: ObjectID) {
    raw(id)
    ends.append(bytes.count)
  }

  /// A one-dimensional `bytea[]` in Postgres's binary form.
  mutating func append(_ ids: [ObjectID]) {
    for word: Int32 in [1, 0, 17, Int32(ids.count), 1] { raw(word) }
    for id in ids {
      raw(12 as Int32)
      raw(id)
    }
    ends.append(bytes.count)
  }

  private mutating func raw(_ word: Int32) {
    withUnsafeBytes(of: word.bigEndian) { bytes.append(contentsOf: $0) }
  }

  private mutating func raw(_ id: ObjectID) {
    withUnsafeBytes(of: id.high.bigEndian) { bytes.append(contentsOf: $0) }
    withUnsafeBytes(of: id.low.bigEndian) { bytes.append(contentsOf: $0) }
  }

  func execute(_ name: String, on connection: OpaquePointer) -> OpaquePointer? {
    lay { count, values, lengths, formats in
      PQexecPrepared(connection, name, count, values, lengths, formats, 1)
    }
  }

  func send(_ name: String, on connection: OpaquePointer) {
    _ = lay { count, values, lengths, formats in
      PQsendQueryPrepared(connection, name, count, values, lengths, formats, 1)
    }
  }

  private func lay<R>(
    _ body: (
      Int32, UnsafePointer<UnsafePointer<CChar>?>?, UnsafePointer<Int32>?, UnsafePointer<Int32>?
    ) -> R
  ) -> R {
    bytes.withUnsafeBytes { buffer in
      let base = buffer.baseAddress!.assumingMemoryBound(to: CChar.self)
      return withUnsafeTemporaryAllocation(of: UnsafePointer<CChar>?.self, capacity: ends.count) {
        values in
        withUnsafeTemporaryAllocation(of: Int32.self, capacity: 2 * ends.count) { numbers in
          var start = 0
          for (index, end) in ends.enumerated() {
            values.initializeElement(at: index, to: base + start)
            numbers.initializeElement(at: index, to: Int32(end - start))
            numbers.initializeElement(at: ends.count + index, to: 1)
            start = end
          }
          return body(
            Int32(ends.count), values.baseAddress, numbers.baseAddress,
            numbers.baseAddress! + ends.count)
        }
      }
    }
  }
}
