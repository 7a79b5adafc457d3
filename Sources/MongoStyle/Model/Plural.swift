/// English plurals of model names, by Mongoose's rules: `Person` is kept in `people`.
enum Plural {
  private static let uncountable: Set<String> = [
    "advice", "energy", "excretion", "digestion", "cooperation", "health", "justice", "labour",
    "machinery", "equipment", "information", "pollution", "sewage", "paper", "money", "species",
    "series", "rain", "rice", "fish", "sheep", "moose", "deer", "news", "expertise", "status",
    "media",
  ]

  /// Endings in the order in which they are tried, with what they become.
  private static let endings: [(String, String)] = [
    ("human", "humans"), ("man", "men"), ("person", "people"), ("child", "children"),
    ("axis", "axes"), ("testis", "testes"), ("octopus", "octopi"), ("cactus", "cacti"),
    ("focus", "foci"), ("fungus", "fungi"), ("nucleus", "nuclei"), ("alias", "aliases"),
    ("status", "statuses"), ("virus", "viruses"), ("bus", "buses"), ("buffalo", "buffaloes"),
    ("tomato", "tomatoes"), ("potato", "potatoes"), ("tum", "ta"), ("ium", "ia"), ("sis", "ses"),
  ]

  private static let lateEndings: [(String, String)] = [
    ("matrix", "matrices"), ("vertix", "vertices"), ("indix", "indices"), ("mouse", "mice"),
    ("louse", "lice"), ("quiz", "quizzes"), ("goose", "geese"),
  ]

  /// The collection's name for a model.
  static func of(_ name: String) -> String {
    let name = name.lowercased()
    if uncountable.contains(name) { return name }
    if name == "ox" { return "oxen" }
    if let found = replaced(name, endings) { return found }
    if let found = leaves(name) { return found }
    if name.hasSuffix("y"), !endsWithVowel(name.dropLast()) || name.hasSuffix("quy") {
      return name.dropLast() + "ies"
    }
    if let found = replaced(name, lateEndings) { return found }
    if ["x", "ch", "ss", "sh"].contains(where: name.hasSuffix) { return name + "es" }
    if name.hasSuffix("s") { return name }
    if let last = name.last, !last.isLetter { return name }
    return name + "s"
  }

  private static func replaced(_ name: String, _ endings: [(String, String)]) -> String? {
    for (ending, plural) in endings where name.hasSuffix(ending) {
      if ending == "man", !name.hasSuffix("woman"), name.hasSuffix("human") { continue }
      return name.dropLast(ending.count) + plural
    }
    return nil
  }

  /// `wife`, `leaf`: `wives`, `leaves`; but `cliff`.
  private static func leaves(_ name: String) -> String? {
    if name.hasSuffix("fe"), !name.hasSuffix("ffe") { return name.dropLast(2) + "ves" }
    if name.hasSuffix("lf") || name.hasSuffix("rf") { return name.dropLast() + "ves" }
    return nil
  }

  private static func endsWithVowel(_ name: Substring) -> Bool {
    name.last.map { "aeiouy".contains($0) } ?? false
  }
}
