public import PrivataCore

extension MongoQuery {
  /// Adds to the projection: `"name email"`, `"-notes"`, `"+password"`.
  public func select(_ names: String) -> Self { changed { $0.select(.string(names)) } }

  /// Adds to the projection by names.
  public func select(_ names: [String]) -> Self {
    changed { $0.select(.array(names.map { .string($0) })) }
  }

  /// Adds to the projection: `["name": 1]`, `["notes": ["$slice": 2]]`.
  public func select(_ fields: Document) -> Self { changed { $0.select(fields) } }

  /// Adds to the projection, for code that has it as a value.
  @_disfavoredOverload
  public func select(_ value: Value) -> Self { changed { $0.select(value) } }

  /// Replaces the projection.
  public func projection(_ value: Value) -> Self { changed { $0.setProjection(value) } }

  /// Answers a part of an array: the first or (negative) last so many.
  public func slice(_ path: String, _ count: Int) -> Self {
    changed { $0.slice(path, .int(count)) }
  }

  /// Answers a part of an array.
  public func slice(_ path: String, skip: Int, limit: Int) -> Self {
    changed { $0.slice(path, [.int(skip), .int(limit)]) }
  }

  /// Answers a part of the array of the last `where`: a count, or `[skip, limit]`.
  public func slice(_ part: Value) -> Self {
    changed { plan in
      guard let path = plan.path else { return plan.missingPath("slice") }
      plan.slice(path, part)
    }
  }

  /// Orders by names: `"name -age"`.
  public func sort(_ names: String) -> Self { changed { $0.addSort(.string(names)) } }

  /// Orders by keys, the first one first: `["createdAt": -1, "name": 1]`.
  public func sort(_ keys: Document) -> Self { changed { $0.addSort(.document(keys)) } }

  /// Orders by keys in any of Mongoose's forms; `override` forgets the order so far.
  @_disfavoredOverload
  public func sort(_ value: Value, override: Bool = false) -> Self {
    changed { plan in
      if override { plan.sort = Document() }
      plan.addSort(value)
    }
  }

  /// Answers at most so many; 0 means no bound.
  public func limit(_ count: Int) -> Self { changed { $0.settings.limit = count } }

  /// Answers at most so many, for code that has the number as a value.
  @_disfavoredOverload
  public func limit(_ count: Value) -> Self { option("limit", count) }

  /// Leaves out the first so many.
  public func skip(_ count: Int) -> Self { changed { $0.settings.skip = count } }

  /// Leaves out the first so many, for code that has the number as a value.
  @_disfavoredOverload
  public func skip(_ count: Value) -> Self { option("skip", count) }

  private func option(_ name: String, _ value: Value) -> Self {
    changed { plan in
      do { try plan.settings.set(name, value) } catch { plan.fail(error) }
    }
  }

  /// Applies options by Mongoose's names.
  public func setOptions(_ options: Document) -> Self { changed { $0.setOptions(options) } }

  /// Changes the settings of the query.
  public func options(_ change: (inout QuerySettings) -> Void) -> Self {
    changed { change(&$0.settings) }
  }

  /// Which hooks of the program run.
  public func hooks(_ choice: HookChoice) -> Self { changed { $0.hooks = choice } }

  /// Compares texts by a language's rules.
  public func collation(_ collation: Document) -> Self {
    changed { $0.settings.collation = collation }
  }

  /// Makes the store use an index.
  public func hint(_ index: Value) -> Self { changed { $0.settings.hint = index } }

  /// A text for the server's log.
  public func comment(_ text: String) -> Self { changed { $0.settings.comment = text } }

  /// The store gives up after that time.
  public func maxTimeMS(_ milliseconds: Int) -> Self {
    changed { $0.settings.maxTimeMilliseconds = milliseconds }
  }

  /// The number of documents in each piece of a cursor.
  public func batchSize(_ count: Int) -> Self { changed { $0.settings.batchSize = count } }

  /// Which members of a replica set answer: `secondaryPreferred`, or Mongoose's short forms.
  public func read(_ preference: String) -> Self {
    let names = [
      "p": "primary", "pp": "primaryPreferred", "s": "secondary", "sp": "secondaryPreferred",
      "n": "nearest",
    ]
    return changed { $0.settings.readPreference = names[preference] ?? preference }
  }

  /// How durable what is read must be: `majority`, or Mongoose's short forms.
  public func readConcern(_ level: String) -> Self {
    let names = [
      "l": "local", "a": "available", "m": "majority", "lz": "linearizable", "s": "snapshot",
    ]
    return changed { $0.settings.readConcern = names[level] ?? level }
  }

  /// Lets the server sort on disk.
  public func allowDiskUse(_ isAllowed: Bool = true) -> Self {
    changed { $0.settings.allowDiskUse = isAllowed }
  }

  /// Runs in a session.
  public func session(_ session: MongoSession?) -> Self {
    changed { $0.settings.session = session }
  }

  /// Strict mode of the update.
  public func strict(_ mode: StrictMode) -> Self { changed { $0.settings.strict = mode } }

  /// What becomes of unknown paths of the filter.
  public func strictQuery(_ mode: StrictMode) -> Self {
    changed { $0.settings.strictQuery = mode }
  }

  /// Disarms operators among the filter's values.
  public func sanitizeFilter(_ isOn: Bool = true) -> Self {
    changed { $0.settings.sanitizeFilter = isOn }
  }

  /// Refuses an empty filter.
  public func requireFilter(_ isOn: Bool = true) -> Self {
    changed { $0.settings.requireFilter = isOn }
  }

  /// Checks the values of the update.
  public func runValidators(_ isOn: Bool = true) -> Self {
    changed { $0.settings.runValidators = isOn }
  }

  /// Inserts a document where none matches.
  public func upsert(_ isOn: Bool = true) -> Self { changed { $0.settings.upsert = isOn } }

  /// Which timestamps the update sets.
  public func timestamps(_ choice: TimestampChoice) -> Self {
    changed { $0.settings.timestamps = choice }
  }

  /// Sets a path of the update.
  public func set(_ path: String, _ value: Value) -> Self { changed { $0.set(path, value) } }

  /// Writes alias names as the paths that they mean.
  public func translateAliases(_ isOn: Bool = true) -> Self {
    changed { $0.settings.translateAliases = isOn }
  }

  /// False answers documents without the schema's defaults.
  public func applyDefaults(_ isOn: Bool) -> Self {
    changed { $0.settings.appliesDefaults = isOn }
  }

  /// False leaves the schema's `select` options aside.
  public func schemaLevelProjections(_ isOn: Bool) -> Self {
    changed { $0.settings.schemaLevelProjections = isOn }
  }
}
