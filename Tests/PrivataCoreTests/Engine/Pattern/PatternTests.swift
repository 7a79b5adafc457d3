import Testing

@testable import PrivataCore

/// PCRE's language as MongoDB takes it.
@Suite struct PatternTests {
  @Test(
    arguments: [
      // Characters, classes, places.
      ("a.c", "", "abc", "abc"), ("a.c", "", "a\nc", nil), ("a.c", "s", "a\nc", "a\nc"),
      ("^b", "", "a\nb", nil), ("^b", "m", "a\nb", "b"), ("a$", "", "a\n", "a"),
      ("a$", "", "a\nb", nil),
      ("a$", "m", "a\nb", "a"), ("\\Ab", "m", "a\nb", nil), ("a\\Z", "", "a\n", "a"),
      ("a\\z", "", "a\n", nil), ("\\bcat\\b", "", "a cat!", "cat"), ("\\Bat", "", "cat", "at"),
      ("[a-c]+", "", "xabcd", "abc"), ("[^a-c]+", "", "abxyc", "xy"), ("[]a]+", "", "]a[", "]a"),
      ("[a\\]b]+", "", "a]b", "a]b"), ("[\\d-x]+", "", "1-x", "1-x"),
      ("[[:alpha:]]+", "", "1ab2", "ab"),
      ("[[:^digit:]]+", "", "12ab", "ab"), ("[[:space:][:upper:]]+", "", "aB C", "B C"),
      ("[a-z&&]+", "", "a&b", "a&b"), ("[\\b]", "", "\u{8}", "\u{8}"),
      ("[\\x41-\\x43]+", "", "ABCD", "ABC"),
      ("\\d+", "", "a12b", "12"), ("\\D+", "", "12ab", "ab"), ("\\w+", "", "é_a1!", "_a1"),
      ("\\W+", "", "a!?b", "!?"), ("\\s+", "", "a \t\nb", " \t\n"), ("\\S+", "", " ab ", "ab"),
      ("\\h+", "", "a \u{A0}b", " \u{A0}"), ("\\H+", "", " ab", "ab"), ("\\v", "", "a\nb", "\n"),
      ("\\V+", "", "\nab", "ab"), ("\\R", "", "a\r\nb", "\r\n"), ("\\N+", "s", "a\nb", "a"),
      ("\\X", "", "e\u{301}x", "e\u{301}"), ("\\p{Lu}+", "", "aÄB", "ÄB"),
      ("\\P{L}+", "", "a12b", "12"),
      ("\\p{^L}", "", "a1", "1"), ("\\pN", "", "a1", "1"), ("\\p{Any}", "", "x", "x"),
      // Characters by name and number.
      ("\\t\\n\\r\\f\\e\\a", "", "\t\n\r\u{C}\u{1B}\u{7}", "\t\n\r\u{C}\u{1B}\u{7}"),
      ("\\x41\\x{42}\\x", "", "AB\0", "AB\0"), ("\\o{101}", "", "A", "A"), ("\\101", "", "A", "A"),
      ("\\0", "", "\0", "\0"), ("\\cA", "", "\u{1}", "\u{1}"), ("\\Qa.b\\E.", "", "a.bc", "a.bc"),
      ("a\\E+", "", "aa", "aa"), ("\\.\\*\\/", "", ".*/", ".*/"), ("\\x{1F600}", "", "😀", "😀"),
      // Quantifiers.
      ("a*", "", "aaa", "aaa"), ("a*?b", "", "aab", "aab"), ("a+?", "", "aaa", "a"),
      ("a??b", "", "ab", "ab"),
      ("a{2}", "", "aaa", "aa"), ("a{2,}", "", "aaaa", "aaaa"), ("a{1,2}?", "", "aa", "a"),
      ("a{,2}", "", "a{,2}", "a{,2}"), ("a{x}", "", "a{x}", "a{x}"), ("x*+x", "", "xxx", nil),
      ("(?:ab)++c", "", "ababc", "ababc"), ("(a|b)*c", "", "ababc", "ababc"),
      ("(?:a*)*b", "", "aab", "aab"),
      ("(?:|a)+b", "", "aab", "aab"), ("(?:a?){3}", "", "aaaa", "aaa"),
      ("(?:ab){0}c", "", "abc", "c"),
      // Groups, references, looking around.
      ("(a)(b)?\\1", "", "aa", "aa"), ("(a)|b\\1", "", "b", nil),
      ("(?<n>a)\\k<n>\\k{n}\\k'n'", "", "aaaa", "aaaa"),
      ("(?P<n>a)(?P=n)", "", "aa", "aa"), ("(?'n'a)\\g1\\g{1}\\g{-1}", "", "aaaa", "aaaa"),
      ("(é)\\1", "i", "éÉ", "éÉ"), ("a(?=b)", "", "acab", "a"), ("a(?!b)", "", "abac", "a"),
      ("(?<=a)b", "", "bab", "b"), ("(?<!a)b", "", "abcb", "b"), ("(?<=a|bc)d", "", "bcd", "d"),
      ("(?>a*)a", "", "aaa", nil), ("foo\\Kbar", "", "foobar", "bar"),
      ("(?|(a)|(b))\\1", "", "bb", "bb"),
      ("a(?#note)b", "", "ab", "ab"), ("(?:a|ab)(?:c|bcd)d", "", "abcdd", "abcdd"),
      ("()", "", "x", ""),
      // Options.
      ("STRASSE", "i", "strasse", "strasse"), ("ä", "i", "Ä", "Ä"), ("[a-z]+", "i", "ABC", "ABC"),
      ("(?i)a(?-i)b", "", "Ab", "Ab"), ("(?i)a(?-i)b", "", "AB", nil), ("(?i:a)b", "", "Ab", "Ab"),
      ("a b # c\n d", "x", "abd", "abd"), ("a\\ b", "x", "a b", "a b"),
      ("(?s-m).", "m", "\n", "\n"),
      ("(*UTF8)ä", "", "ä", "ä"), ("k", "i", "\u{212A}", "\u{212A}"),
    ] as [(String, String, String, String?)])
  func finds(_ pattern: String, _ options: String, _ text: String, _ wanted: String?) throws {
    let found = try Pattern(pattern, options: options).firstMatch(in: text)
    let whole = found?.first ?? nil
    let bytes = Array(text.utf8)
    #expect(whole.map { String(decoding: bytes[$0], as: UTF8.self) } == wanted)
    #expect(try Pattern(pattern, options: options).matches(text) == (wanted != nil))
  }

  @Test(arguments: [
    "(", ")", "a)", "[", "[a", "[z-a]", "[\\d-", "*", "a**b", "+", "a{3,2}", "a{70000}", "\\",
    "\\1",
    "(a)\\2", "\\g{2}", "\\g", "\\g{-1}", "\\k", "\\k<n>", "(?<n>a)(?<n>b)", "(?<>a)", "(?P<n",
    "(?z)",
    "(?i", "(?#a", "[[:nothing:]]", "\\p{Nothing}", "\\x{110000}", "\\x{D800}", "\\x{zz}", "\\o8",
    "\\o{9}", "\\c", "\\L", "\\u", "\\C", "\\G", "^*", "[a-\\d]", "(?=a",
  ])
  func refuses(_ pattern: String) {
    let error = #expect(throws: PrivataError.self, "\(pattern)") { try Pattern(pattern) }
    #expect((error?.underlying as? ServerError)?.code == 51091)
  }

  @Test func refusesOtherOptions() {
    let error = #expect(throws: PrivataError.self) { try Pattern("a", options: "ig") }
    #expect((error?.underlying as? ServerError)?.code == 51108)
    #expect(throws: Never.self) { try Pattern(RegularExpression("a", options: "imsxu")) }
  }

  @Test func reportsItsGroups() throws {
    let pattern = try Pattern("(\\d+)-(?:x|(y))(z)?")
    let ranges = try #require(pattern.firstMatch(in: "é 12-y", from: 3))
    #expect(ranges == [3..<7, 3..<5, 6..<7, nil])
    #expect(pattern.firstMatch(in: "12-y", from: 1)?.first == 1..<4)
    #expect(pattern.firstMatch(in: "12-y", from: 2) == nil)
  }

  @Test(arguments: [
    "(?:(?:(?:){65535}){65535}){65535}", "(?:(?:a|){9}){9}{0,9}",
    "((((a{1,100}){1,100}){1,100}){1,100})",
    String(repeating: "(", count: 300) + String(repeating: ")", count: 300),
  ])
  func aPatternThatIsTooLargeIsRefusedOrQuick(_ pattern: String) {
    let duration = ContinuousClock().measure { _ = try? Pattern(pattern).matches("aaaa") }
    #expect(duration < .seconds(20))
  }

  @Test(arguments: ["(a|aa)+$"])
  func backtrackingIsBounded(_ pattern: String) throws {
    let text = String(repeating: "a", count: 60) + "!"
    let compiled = try Pattern(pattern)
    let duration = ContinuousClock().measure { #expect(!compiled.matches(text)) }
    #expect(duration < .seconds(60))
  }
}
