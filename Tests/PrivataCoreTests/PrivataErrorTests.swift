import Testing

@testable import PrivataCore

@Suite struct PrivataErrorTests {
  @Test func printsCodeAndMessageAlone() {
    let error = PrivataError(
      .duplicateKey, "User has a record with the same email", fields: ["email"], model: "User",
      value: "ada@example.org", underlying: ServerError(code: 11000))
    #expect("\(error)" == "duplicateKey: User has a record with the same email")
    #expect(error.fields == ["email"])
    #expect(error.model == "User")
    #expect(!error.isRetriable)
    #expect(PrivataError.Code("styles.own") == PrivataError.Code("styles.own"))
    #expect("\(PrivataError.Code.badID)" == "badID")
  }

  @Test(arguments: [
    (11000, "DuplicateKey"), (112, "WriteConflict"), (13, "Unauthorized"), (40324, "Location40324"),
    (251, "NoSuchTransaction"), (0, "Location0"),
  ])
  func serverErrorsHaveMongoDBsNames(_ code: Int, _ name: String) {
    #expect(ServerError(code: code).codeName == name)
    #expect(ServerError(code: code, codeName: "Own").codeName == "Own")
  }

  @Test func aRefusalCarriesMongoDBsCode() {
    let error = PrivataError.rejected(66, "the _id never changes", fields: ["_id"])
    #expect(error.code == .rejectedByStore)
    #expect((error.underlying as? ServerError)?.codeName == "ImmutableField")
    #expect(PrivataError.rejected(9, "", as: .unknownOperator).code == .unknownOperator)
  }
}
