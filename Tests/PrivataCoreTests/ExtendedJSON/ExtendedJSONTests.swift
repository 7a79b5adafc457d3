import Testing

@testable import PrivataCore

@Suite struct ExtendedJSONTests {
  @Test(arguments: [
    (
      #"{"n":1,"big":5000000000,"half":0.5}"#, "canonical",
      #"{"n":{"$numberInt":"1"},"big":{"$numberLong":"5000000000"},"half":{"$numberDouble":"0.5"}}"#
    ),
    (#"{"n":{"$numberInt":"1"}}"#, "relaxed", #"{"n":1}"#),
    (
      #"{"z":-0,"e":1E2,"w":100000000000000000000}"#, "relaxed",
      #"{"z":-0.0,"e":100.0,"w":1E+20}"#
    ),
    (
      #"{"at":{"$date":"2024-01-05T10:00:00+02:00"}}"#, "relaxed",
      #"{"at":{"$date":"2024-01-05T08:00:00Z"}}"#
    ),
    (
      #"{"at":{"$date":"1969-12-31T23:59:59.999Z"}}"#, "relaxed",
      #"{"at":{"$date":{"$numberLong":"-1"}}}"#
    ),
    (#"{"$set":{"a":1},"$type":"string"}"#, "relaxed", #"{"$set":{"a":1},"$type":"string"}"#),
    (#"{"q":"\"\\\/\b\f\n\r\tA\u001f"}"#, "relaxed", #"{"q":"\"\\/\b\f\n\r\tA\u001f"}"#),
    (
      #"{"f":{"$code":"g","$scope":{"n":{"$numberLong":"1"}}}}"#, "canonical",
      #"{"f":{"$code":"g","$scope":{"n":{"$numberLong":"1"}}}}"#
    ),
    (
      #"{"u":{"$uuid":"73FFD264-44b3-4c69-90e8-e7d1dfc035d4"}}"#, "relaxed",
      #"{"u":{"$binary":{"base64":"c//SZESzTGmQ6OfR38A11A==","subType":"04"}}}"#
    ),
  ])
  func rewrites(_ text: String, _ form: String, _ expected: String) throws {
    let document = try Document(extendedJSON: text)
    #expect(document.extendedJSON(form == "canonical" ? .canonical : .relaxed) == expected)
  }

  @Test func everyTypeComesBack() throws {
    let document = BSONRoundTripTests.every
    #expect(try Document(extendedJSON: document.extendedJSON(.canonical)) == document)
  }

  @Test func valuesStandAlone() throws {
    #expect(try Value(extendedJSON: " [1, null] ") == [1, nil])
    #expect(try Value(extendedJSON: #"{"$oid":"60a000000000000000000001"}"#).asObjectID != nil)
    #expect(Value.string("a").extendedJSON() == #""a""#)
  }

  @Test(arguments: [
    ("", 0), ("{", 1), (#"{"a"}"#, 4), (#"{"a":tru}"#, 5), (#"{"a":1,}"#, 7), ("[1 2]", 3),
    (#"{"a":1} x"#, 8), (#"{"a":"\q"}"#, 7), (#"{"a":{"$oid":"1"}}"#, 13),
    (#"{"a":{"$numberInt":"1","b":2}}"#, 5), (#"{"a\u0000":1}"#, 11),
  ])
  func namesTheByte(_ text: String, _ offset: Int) {
    let error = #expect(throws: PrivataError.self) { try Document(extendedJSON: text) }
    #expect(error?.code == .malformed)
    #expect(error?.message.contains("at byte \(offset):") == true, "\(error?.message ?? "")")
  }

  @Test func onlyDocumentsAreDocuments() {
    let error = #expect(throws: PrivataError.self) { try Document(extendedJSON: "1") }
    #expect(error?.code == .wrongType)
  }

  @Test func errorsHoldNoValues() {
    let error = #expect(throws: PrivataError.self) {
      try Document(extendedJSON: #"{"ssn":{"$oid":"078-05-1120"}}"#)
    }
    #expect(error?.description.contains("078") == false)
  }

  @Test(arguments: [(100, true), (101, false), (5_000, false), (200_000, false)])
  func depthIsLimited(levels: Int, isRead: Bool) {
    let text =
      #"{"a":"# + String(repeating: "[", count: levels) + #"{"$date":{"$numberLong":"1"}}"#
      + String(repeating: "]", count: levels) + "}"
    #expect(((try? Document(extendedJSON: text)) != nil) == isRead)
  }

  @Test(arguments: ["", "f", "fo", "foo", "foob", "fooba", "foobar"])
  func base64ComesBack(_ text: String) {
    var encoded: [UInt8] = []
    Base64.append(Array(text.utf8), to: &encoded)
    let digits = String(decoding: encoded, as: UTF8.self)
    #expect(Base64.decode(digits) == Array(text.utf8))
    #expect(digits.utf8.count == (text.utf8.count + 2) / 3 * 4)
  }

  @Test(arguments: ["A", "AA", "AAA", "A===", "====", "AA=A", "AA A", "AA-_"])
  func wrongBase64IsRefused(_ text: String) { #expect(Base64.decode(text) == nil) }
}
