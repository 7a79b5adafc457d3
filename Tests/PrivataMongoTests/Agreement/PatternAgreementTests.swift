import PrivataCore
import Testing

@testable import PrivataMongo

@Suite struct PatternAgreementTests {
  private static let texts = [
    "", "a", "aaa", "abc", "a\nb", "ab\n", "Ada Lovelace", "ADA", "é", "É", "e\u{301}x", "straße",
    "STRASSE", "a1b22", "foo_bar-baz", "  \t x\u{A0}y", "{\"k\": [1]}", "aabb", "abab", "xyz123",
    "a.b*c", "\u{1F600}!", "]a[", "a&b", "12-34", "Ärger", "\u{212A}elvin", "a\r\nb", "cat hat",
    "foobar", "aXbXc", "\\d", "$x^",
  ]

  private static let plain: [String] = [
    "a.c", "^b", "a$", "\\Ab", "a\\Z", "a\\z", "\\bcat\\b", "\\Bat", "[a-c]+", "[^a-c]", "[]a]",
    "[a\\]b]",
    "[\\d-x]", "[[:alpha:]]", "[[:^digit:]]", "[[:punct:]]", "[[:xdigit:]]{2}", "[[:word:]]-",
    "[[:blank:]]",
    "[[:cntrl:]]", "[[:graph:]]", "[[:print:]]", "[[:lower:]]$", "[[:upper:]]", "[[:alnum:]]",
    "[[:space:]]",
    "[[:ascii:]]", "[a-z&&]", "\\d+", "\\D", "\\w", "\\W", "\\s", "\\S", "\\h", "\\H", "\\v",
    "\\V", "\\R", "\\N",
    "\\X", "\\p{Lu}", "\\P{L}", "\\p{^L}", "\\pN", "\\p{Any}", "\\p{Ll}\\p{M}", "\\x41",
    "\\x{e9}", "\\o{141}",
    "\\101", "\\cM", "\\Qa.b\\E", "a\\E+", "\\.", "a*b", "a+?", "a{2}", "a{2,}", "a{1,2}?",
    "a{,2}", "a{x}",
    "a*+a", "(?:ab)++", "(a|b)*c", "(?:a*)*b", "(?:|a)+b", "(a)(b)?\\1", "(?<n>a)\\k<n>",
    "(?P<n>a)(?P=n)",
    "(a)\\g1", "(a)\\g{-1}", "(é)\\1", "a(?=b)", "a(?!b)", "(?<=a)b", "(?<!a)b", "(?<=fo|x)o",
    "(?>a*)a",
    "foo\\Kbar", "(?|(a)|(b))\\1", "a(?#c)b", "(?i)ada(?-i) L", "(?i:ADA)", "(?x) a d a",
    "(?s)a.b", "(?m)^b",
    "(*UTF8)é", "(", ")", "[", "[z-a]", "*", "a**", "a{3,2}", "a{70000}", "\\", "\\1", "(a)\\2",
    "\\g", "\\k<x>",
    "(?<n>a)(?<n>b)", "(?z)", "[[:nope:]]", "\\p{Nope}", "\\x{110000}", "\\c", "\\L", "\\u0041",
    "\\8",
    "[\\w-z]", "[a-\\d]", "(?=a)*b", "^*", "\\b+", "$", "^", "^$", "(?i)É", "(?i)STRASSE",
    "(?i)k", "a|", "|",
    "()", "(?:)", "[^]", "[a", "x{0}", "\\e", "\\a", "\\f", "\\t", "\\r\\n", "\\0", "\\07",
    "\\xg",
    "(?i)[a-c]+$", "(?i)[^a]", "\\$x\\^", "[$^]", "[\\^]", "(a(b(c)))", "(?:(a)|b)+", "(\\w)\\1",
    "^.{3}$", "^.$",
  ]

  private static let flagged: [(String, String)] = [
    ("ada", "i"), ("^b", "m"), ("a.b", "s"), ("É", "i"), ("straSSE", "i"),
    ("A.B", "is"),
    ("^ L", "mx"), ("a", "g"), ("a", "ii"),
  ]

  private static var patterns: [(String, String)] { plain.map { ($0, "") } + flagged }

  @Test func findsWhatMongoDBFinds() async throws {
    let documents = Self.texts.map { ["s": .string($0)] as Document }
    try await Agreement.over("patterns", documents) { agreement in
      for (pattern, options) in Self.patterns {
        let regex: Document = ["$regex": .string(pattern), "$options": .string(options)]
        try await agreement.find(["s": .document(regex)])
      }
    }
  }

  @Test func findsItWhereMongoDBFindsIt() async throws {
    let documents = Self.texts.map { ["s": .string($0)] as Document }
    try await Agreement.over("pattern_ranges", documents) { agreement in
      for (pattern, options) in Self.patterns {
        let operand: Value = [
          "input": "$s", "regex": .string(pattern), "options": .string(options),
        ]
        try await agreement.evaluate(["$regexFindAll": operand])
      }
    }
  }
}
