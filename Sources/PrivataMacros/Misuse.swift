/// What `@Model` refuses, with the sentence that the compiler shows.
enum Misuse: Error, CustomStringConvertible {
  case notAStruct
  case noFields
  case noType(String)

  var description: String {
    switch self {
    case .notAStruct: "@Model describes a struct: records are plain values"
    case .noFields: "@Model needs at least one stored property"
    case .noType(let name):
      "write the type of '\(name)': @Model reads source and cannot infer it"
    }
  }
}
