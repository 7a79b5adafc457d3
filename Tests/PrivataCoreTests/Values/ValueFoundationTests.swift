import FoundationEssentials
import Testing

@testable import PrivataCore

@Suite struct ValueFoundationTests {
  @Test(arguments: [0, 1, -1, 999, 1_709_210_096_007, -62_167_219_200_001] as [Int64])
  func datesComeBack(_ milliseconds: Int64) {
    let moment = DateTime(milliseconds: milliseconds)
    #expect(DateTime(Date(moment)) == moment)
    #expect(Value.date(Date(moment)) == .date(moment))
  }

  @Test func datesBeyondMillisecondsBecomeTheEnds() {
    #expect(DateTime(Date.distantFuture).year == 4001)
    #expect(DateTime(Date(timeIntervalSince1970: 1e300)).milliseconds == .max)
    #expect(DateTime(Date(timeIntervalSince1970: -1e300)).milliseconds == .min)
  }

  @Test func uuidsAreBinariesOfSubtype4() throws {
    let uuid = try #require(UUID(uuidString: "73FFD264-44B3-4C69-90E8-E7D1DFC035D4"))
    let value = Value.uuid(uuid)
    #expect(value.extendedJSON().contains(#""base64":"c//SZESzTGmQ6OfR38A11A==","subType":"04""#))
    #expect(value.asUUID == uuid)
    #expect(UUID(Binary(Array(repeating: 0, count: 15), subtype: 4)) == nil)
    #expect(UUID(Binary(Array(repeating: 0, count: 16))) == nil)
    #expect(Value.string("").asUUID == nil)
  }
}
