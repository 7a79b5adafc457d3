import Testing

@testable import PatientImport

@Suite struct CSVLineTests {
  @Test(
    arguments: [
      ("a;b;c", ["a", "b", "c"]), ("", [""]), (";;", ["", "", ""]), ("é;ß", ["é", "ß"]),
      (#""a;b";c"#, ["a;b", "c"]), (#""say ""yes""";"#, [#"say "yes""#, ""]),
      (#"5" nail;x"#, [#"5" nail"#, "x"]), ("\"\"\";x", nil), (#"a;"b"#, nil),
    ] as [(String, [String]?)]) func splits(line: String, cells: [String]?)
  {
    let bytes = Array(line.utf8)[...]
    #expect((try? CSVLine.cells(of: bytes, separator: UInt8(ascii: ";"))) == cells)
  }

  @Test func namesTheOpenCell() {
    let failure = #expect(throws: CSVLine.Failure.self) {
      try CSVLine.cells(of: Array(#"a;b;"c;d"#.utf8)[...], separator: UInt8(ascii: ";"))
    }
    guard case .openQuote(cell: 3) = failure else {
      Issue.record("expected the third cell, got \(String(describing: failure))")
      return
    }
  }
}
