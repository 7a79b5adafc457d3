public import PrivataCore

extension MongoAggregate {
  /// Appends stages as they are.
  public func append(_ stages: Document...) -> MongoAggregate { append(contentsOf: stages) }

  /// Appends stages as they are.
  public func append(contentsOf stages: [Document]) -> MongoAggregate {
    var copy = self
    copy.plan.pipeline += stages
    return copy
  }

  /// Keeps the rows that match.
  public func match(_ filter: Document) -> MongoAggregate { adding("$match", .document(filter)) }

  /// Leaves out the first so many rows.
  public func skip(_ count: Value) -> MongoAggregate { adding("$skip", count) }

  /// Keeps at most so many rows.
  public func limit(_ count: Value) -> MongoAggregate { adding("$limit", count) }

  /// Orders the rows: `"name -age"`, or a document.
  public func sort(_ order: Value) -> MongoAggregate {
    switch order {
    case .string(let names):
      var keys = Document()
      for name in names.split(separator: " ") {
        let isDescending = name.hasPrefix("-")
        keys[String(isDescending ? name.dropFirst() : name)] = isDescending ? -1 : 1
      }
      return adding("$sort", .document(keys))
    case .document(let given):
      let keys = Document(
        given.elements.map { element in
          Document.Element(key: element.key, value: Self.direction(element.value))
        })
      return adding("$sort", .document(keys))
    default:
      return failing(
        UsageError("Invalid sort() argument, must be string or object", name: "TypeError"))
    }
  }

  private static func direction(_ value: Value) -> Value {
    switch value {
    case .int32(-1), .double(-1), .string("desc"), .string("descending"): -1
    case .document: value
    default: 1
    }
  }

  /// Chooses fields: `"name -_id"`, or a document.
  public func project(_ fields: Value) -> MongoAggregate {
    switch fields {
    case .string(let names):
      var chosen = Document()
      for name in names.split(separator: " ") {
        let isExcluded = name.hasPrefix("-")
        chosen[String(isExcluded ? name.dropFirst() : name)] = isExcluded ? 0 : 1
      }
      return adding("$project", .document(chosen))
    case .document: return adding("$project", fields)
    default:
      return failing(
        UsageError("Invalid project() argument, must be string or object", name: "Error"))
    }
  }

  /// Adds computed fields.
  public func addFields(_ fields: Document) -> MongoAggregate {
    adding("$addFields", .document(fields))
  }

  /// Groups rows by `_id` and accumulates.
  public func group(_ specification: Document) -> MongoAggregate {
    adding("$group", .document(specification))
  }

  /// Answers one row with the number of rows.
  public func count(_ field: String) -> MongoAggregate { adding("$count", .string(field)) }

  /// Counts the rows of each value, the most frequent first.
  public func sortByCount(_ field: Value) -> MongoAggregate {
    guard case .string(let name) = field else { return adding("$sortByCount", field) }
    return adding("$sortByCount", .string(Self.reference(name)))
  }

  private static func reference(_ name: String) -> String {
    name.hasPrefix("$") ? name : "$" + name
  }

  /// Joins documents of another collection.
  public func lookup(_ specification: Document) -> MongoAggregate {
    adding("$lookup", .document(specification))
  }

  /// Joins the documents of another model whose field equals a field of the row.
  public func lookup(
    from model: MongoModel, localField: String, foreignField: String, as name: String
  ) -> MongoAggregate {
    lookup([
      "from": .string(model.collection), "localField": .string(localField),
      "foreignField": .string(foreignField), "as": .string(name),
    ])
  }

  /// Makes a row of each element of an array.
  public func unwind(_ paths: Value...) -> MongoAggregate {
    paths.reduce(self) { aggregate, path in
      switch path {
      case .string(let name): aggregate.adding("$unwind", .string(Self.reference(name)))
      case .document: aggregate.adding("$unwind", path)
      default:
        aggregate.failing(
          UsageError("Invalid arg to unwind(), must be string or object", name: "Error"))
      }
    }
  }

  /// Keeps a random sample of that size.
  public func sample(_ size: Value) -> MongoAggregate { adding("$sample", ["size": size]) }

  /// Makes a field, or a computed document, the row.
  public func replaceRoot(_ root: Value) -> MongoAggregate {
    guard case .string(let name) = root else { return adding("$replaceRoot", ["newRoot": root]) }
    return adding("$replaceRoot", ["newRoot": .string(Self.reference(name))])
  }

  /// Runs several pipelines over the same rows.
  public func facet(_ pipelines: Document) -> MongoAggregate {
    adding("$facet", .document(pipelines))
  }

  /// Follows references from row to row.
  public func graphLookup(_ specification: Document) -> MongoAggregate {
    adding("$graphLookup", .document(specification))
  }

  /// Adds the rows of another collection.
  public func unionWith(_ specification: Value) -> MongoAggregate {
    adding("$unionWith", specification)
  }

  /// Keeps or prunes levels of documents by an expression.
  public func redact(_ expression: Value) -> MongoAggregate { adding("$redact", expression) }

  /// Keeps levels where the condition holds: `$$DESCEND`, `$$PRUNE`, `$$KEEP`.
  public func redact(_ condition: Value, then: String, else other: String) -> MongoAggregate {
    adding(
      "$redact",
      [
        "$cond": [
          "if": condition, "then": .string(Self.system(then)), "else": .string(Self.system(other)),
        ]
      ])
  }

  private static func system(_ name: String) -> String {
    name.hasPrefix("$$") ? name : "$$" + name
  }

  /// Fills gaps of a sequence with rows.
  public func densify(_ specification: Document) -> MongoAggregate {
    adding("$densify", .document(specification))
  }

  /// Fills missing values.
  public func fill(_ specification: Document) -> MongoAggregate {
    adding("$fill", .document(specification))
  }

  /// Orders by distance from a point; the first stage.
  public func near(_ specification: Document) -> MongoAggregate {
    adding("$geoNear", .document(specification))
  }

  /// Writes the rows to a collection.
  public func out(_ collection: Value) -> MongoAggregate { adding("$out", collection) }

  /// Merges the rows into a collection.
  public func merge(_ specification: Value) -> MongoAggregate { adding("$merge", specification) }

  // MARK: - Options

  /// Changes the options.
  public func options(_ change: (inout QueryOptions) -> Void) -> MongoAggregate {
    var copy = self
    change(&copy.plan.options)
    return copy
  }

  /// Lets the server spill to disk.
  public func allowDiskUse(_ isAllowed: Bool = true) -> MongoAggregate {
    options { $0.allowDiskUse = isAllowed }
  }

  /// Compares texts by a language's rules.
  public func collation(_ collation: Document) -> MongoAggregate {
    options { $0.collation = collation }
  }

  /// Makes the store use an index.
  public func hint(_ index: Value) -> MongoAggregate { options { $0.hint = index } }

  /// A text for the server's log.
  public func comment(_ text: String) -> MongoAggregate { options { $0.comment = text } }

  /// The store gives up after that time.
  public func maxTimeMS(_ milliseconds: Int) -> MongoAggregate {
    options { $0.maxTimeMilliseconds = milliseconds }
  }

  /// Which members of a replica set answer.
  public func read(_ preference: String) -> MongoAggregate {
    options { $0.readPreference = preference }
  }

  /// How durable what is read must be.
  public func readConcern(_ level: String) -> MongoAggregate { options { $0.readConcern = level } }

  /// Runs in a session.
  public func session(_ session: MongoSession?) -> MongoAggregate {
    var copy = self
    copy.plan.session = session
    return copy
  }

  /// Which hooks of the program run.
  public func hooks(_ choice: HookChoice) -> MongoAggregate {
    var copy = self
    copy.plan.hooks = choice
    return copy
  }
}
