import MongoStyle
import PrivataCore

/// What a call takes or answers: plain values, and what lives behind them.
indirect enum Thing: Sendable {
  case value(Value)
  case document(MongoDocument)
  case list([Thing])
  /// A plain object with something in it that is no plain value: a session among options.
  case object([Member])
  case array(TrackedArray)
  case map(TrackedMap)
  case query(MongoQuery<QueryAnswer>)
  case aggregate(MongoAggregate)
  /// A query whose documents come one by one.
  case cursor(MongoQuery<QueryAnswer>, batchSize: Int?)
  case session(MongoSession)
  case bulk(BulkWriteResult)
  /// An error among answers.
  case failure(any Error)

  struct Member: Sendable {
    var key: String
    var thing: Thing
  }

  static let undefined = Thing.value(.undefined)
  static let null = Thing.value(.null)

  /// A document, or null.
  init(_ document: MongoDocument?) { self = document.map { .document($0) } ?? .null }

  /// A plain document, or null.
  init(plain document: Document?) { self = document.map { .value(.document($0)) } ?? .null }

  /// A list of plain values stays one.
  init(list things: [Thing]) {
    var values: [Value] = []
    for thing in things {
      guard case .value(let value) = thing else {
        self = .list(things)
        return
      }
      values.append(value)
    }
    self = .value(.array(values))
  }

  /// An object of plain values stays one.
  init(object members: [Member]) {
    var document = Document()
    for member in members {
      guard case .value(let value) = member.thing else {
        self = .object(members)
        return
      }
      document.append(member.key, value)
    }
    self = .value(.document(document))
  }
}

extension Thing {
  /// The plain value; things that have none are their ids or undefined.
  var plain: Value {
    switch self {
    case .value(let value): value
    case .document(let document): document._id
    case .list(let things): .array(things.map(\.plain))
    case .object(let members):
      .document(Document(members.map { .init(key: $0.key, value: $0.thing.plain) }))
    case .array(let array): .array(array.values)
    default: .undefined
    }
  }

  var isUndefined: Bool { if case .value(.undefined) = self { true } else { false } }

  /// The documents among list elements, `nil` where one element is none.
  var documents: [MongoDocument]? {
    guard case .list(let things) = self else { return nil }
    var documents: [MongoDocument] = []
    for thing in things {
      guard case .document(let document) = thing else { return nil }
      documents.append(document)
    }
    return documents
  }

  /// The session among options, and the options without it.
  var options: (plain: Document, session: MongoSession?) {
    switch self {
    case .value(.document(let document)): (document, nil)
    case .object(let members):
      (
        Document(
          members.compactMap { member in
            if case .value(let value) = member.thing {
              Document.Element(key: member.key, value: value)
            } else {
              nil
            }
          }),
        members.lazy.compactMap { member in
          if case .session(let session) = member.thing { session } else { nil }
        }.first
      )
    default: (Document(), nil)
    }
  }
}
