import Foundation
import PrivataCore
import Testing

@testable import PrivataCompliance

@Suite struct JournalTests {
  private func options() -> JournalOptions {
    var options = JournalOptions()
    options.segmentBytes = 4_096
    options.maximumBytes = 64 << 10
    return options
  }

  private func folder() throws -> String {
    let path = Folders.temporary()
    try FileSystem.makeDirectory(path)
    return path
  }

  private func open(_ folder: String, _ options: JournalOptions) throws -> Journal {
    try Journal("events", in: folder, writer: 7, options: options)
  }

  private func payload(_ number: Int) -> [UInt8] {
    Array("record \(number) ".utf8) + Array(repeating: 1, count: number % 90)
  }

  private func all(_ journal: Journal, from sequence: UInt64 = 0) throws -> [[UInt8]] {
    var cursor = Journal.Cursor(sequence)
    var found: [[UInt8]] = []
    while true {
      let records = try journal.records(&cursor, limit: 7)
      if records.isEmpty { return found }
      found += records.map(\.payload)
    }
  }

  @Test func keepsRecordsInOrderOverManyFiles() throws {
    let journal = try open(try folder(), options())
    for number in 0..<300 { #expect(try journal.append(payload(number).span) == UInt64(number)) }
    #expect(try all(journal) == (0..<300).map(payload))
    #expect(try all(journal, from: 250) == (250..<300).map(payload))
    #expect(journal.pending == 300)
  }

  @Test func goesOnWhereAnEarlierProcessEnded() throws {
    let folder = try folder()
    do {
      let journal = try open(folder, options())
      for number in 0..<100 { try journal.append(payload(number).span) }
      journal.markDone(40)
    }
    let journal = try open(folder, options())
    #expect(journal.next == 100 && journal.done == 40)
    #expect(try all(journal, from: 40) == (40..<100).map(payload))
    #expect(try journal.append(payload(100).span) == 100)
  }

  @Test func forgetsFilesThatAreDoneWith() throws {
    let folder = try folder()
    let journal = try open(folder, options())
    for number in 0..<300 { try journal.append(payload(number).span) }
    let before = FileSystem.names(in: folder).count
    journal.markDone(299)
    #expect(FileSystem.names(in: folder).count < before)
    #expect(try all(journal, from: 299) == [payload(299)])
  }

  @Test func refusesAtItsBound() throws {
    let journal = try open(try folder(), options())
    #expect(journal.hasRoom)
    let error = #expect(throws: PrivataError.self) {
      for number in 0..<10_000 { try journal.append(payload(number).span) }
    }
    #expect(error?.code == .auditUnavailable)
    journal.markDone(journal.next)
    try journal.append(payload(1).span)
  }

  @Test func takesARecordLargerThanAFile() throws {
    let journal = try open(try folder(), options())
    let large = [UInt8](repeating: 3, count: 20_000)
    try journal.append(large.span)
    try journal.append(payload(1).span)
    #expect(try all(journal) == [large, payload(1)])
  }

  @Test(arguments: [64, 68, 72, 80, 90, 200, 600])
  func aFlippedBitIsRefusedWithFileAndOffset(_ offset: Int) throws {
    let folder = try folder()
    do {
      let journal = try open(folder, options())
      for number in 0..<20 { try journal.append(payload(number).span) }
    }
    let path = Journal.path(folder, "events", 1)
    try flip(path, at: offset)
    let error = #expect(throws: PrivataError.self) { try open(folder, options()) }
    #expect(error?.code == .corrupt)
    #expect(error?.message.contains(path) == true && error?.message.contains("offset") == true)
    // Nothing was lost: with the bit back, all is there.
    try flip(path, at: offset)
    #expect(try all(try open(folder, options())) == (0..<20).map(payload))
  }

  @Test func aDamagedHeaderIsRefusedOrSetAside() throws {
    let folder = try folder()
    do {
      let journal = try open(folder, options())
      try journal.append(payload(0).span)
    }
    let path = Journal.path(folder, "events", 1)
    try flip(path, at: 3)
    #expect(throws: PrivataError.self) { try open(folder, options()) }
    var tolerant = options()
    tolerant.damage = .setAside
    let journal = try open(folder, tolerant)
    #expect(FileManager.default.fileExists(atPath: path + ".damaged"))
    try journal.append(payload(1).span)
  }

  @Test func whatIsWholeBeforeTheDamageIsUsed() throws {
    let folder = try folder()
    do {
      let journal = try open(folder, options())
      for number in 0..<20 { try journal.append(payload(number).span) }
    }
    let path = Journal.path(folder, "events", 1)
    try flip(path, at: 400)
    var tolerant = options()
    tolerant.damage = .setAside
    let found = try all(try open(folder, tolerant))
    #expect(found.count < 20 && found == (0..<found.count).map(payload))
    #expect(FileManager.default.fileExists(atPath: path + ".damaged"))
  }

  /// What a killed process leaves of a record: its checksum, its number and its payload, in this order,
  /// and never its length.
  @Test(arguments: [4, 8, 12, 16, 20, 40])
  func aRecordThatWasNeverFinishedIsNotDamage(_ stored: Int) throws {
    let folder = try folder()
    let path = Journal.path(folder, "events", 1)
    do {
      let journal = try open(folder, options())
      for number in 0..<3 { try journal.append(payload(number).span) }
    }
    let offset = (0..<3).reduce(JournalSegment.headerSize) { end, number in
      end + JournalSegment.space(for: payload(number).count)
    }
    var record: [UInt8] = [0, 0, 0, 0, 9, 9, 9, 9, 3, 0, 0, 0, 0, 0, 0, 0]
    record += Array(repeating: 7, count: 64)
    var bytes = try Data(contentsOf: URL(filePath: path))
    for index in 4..<(4 + stored) { bytes[offset + index] = record[index] }
    try bytes.write(to: URL(filePath: path))
    for _ in 0..<2 { #expect(try all(try open(folder, options())) == (0..<3).map(payload)) }
    let journal = try open(folder, options())
    #expect(try journal.append(payload(3).span) == 3)
    #expect(try all(journal) == (0..<4).map(payload))
  }

  @Test(arguments: [0, 10, 18]) func aRecordThatLostItsLengthIsDamage(_ lost: Int) throws {
    let folder = try folder()
    let path = Journal.path(folder, "events", 1)
    do {
      let journal = try open(folder, options())
      for number in 0..<20 { try journal.append(payload(number).span) }
    }
    let offset = (0..<lost).reduce(JournalSegment.headerSize) { end, number in
      end + JournalSegment.space(for: payload(number).count)
    }
    var bytes = try Data(contentsOf: URL(filePath: path))
    for index in 0..<4 { bytes[offset + index] = 0 }
    try bytes.write(to: URL(filePath: path))
    let error = #expect(throws: PrivataError.self) { try open(folder, options()) }
    #expect(error?.code == .corrupt && error?.message.contains("offset \(offset)") == true)
  }

  private func flip(_ path: String, at offset: Int) throws {
    var bytes = try Data(contentsOf: URL(filePath: path))
    bytes[offset] ^= 4
    try bytes.write(to: URL(filePath: path))
  }
}
