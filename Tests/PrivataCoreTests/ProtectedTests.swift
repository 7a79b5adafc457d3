import Testing

@testable import PrivataCore

@Suite struct ProtectedTests {
  private let secret = "ada@example.org"

  @Test func noWayOfPrintingShowsTheValue() {
    let value = Protected(secret)
    var dumped = ""
    dump(value, to: &dumped)
    for text in [
      "\(value)", String(describing: value), String(reflecting: value), value.description,
      value.debugDescription, dumped, "\([value])", "\(["key": value])",
      "\(Optional(value) as Any)",
      "\(Mirror(reflecting: value).children.map { "\($0)" })",
    ] {
      #expect(!text.contains("ada"), "\(text)")
    }
    #expect("\(value)" == "‹protected›")
    #expect(value.revealed == secret)
  }

  @Test func neitherDoWhatHoldsIt() {
    struct Holder { var name: Protected<String> }
    var error = PrivataError(.validation, "no e-mail", value: .string(secret))
    error.underlying = ServerError(code: 11000, keyValue: ["email": .string(secret)])
    var dumped = ""
    dump(error, to: &dumped)
    dump(Holder(name: Protected(secret)), to: &dumped)
    for text in ["\(error)", String(reflecting: error), dumped, error.description] {
      #expect(!text.contains("ada@"), "\(text)")
    }
    #expect(error.value?.revealed == .string(secret))
  }

  @Test func equalsByItsValue() {
    #expect(Protected(1) == Protected(1))
    #expect(Protected(1) != Protected(2))
    #expect(Set([Protected("a"), Protected("a"), Protected("b")]).count == 2)
  }
}
