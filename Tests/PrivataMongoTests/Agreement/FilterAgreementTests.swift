import PrivataCore
import Testing

@testable import PrivataMongo

@Suite struct FilterAgreementTests {
  private static let subjects: [Document] = Agreement.table(
    #"""
    {"v": 5}
    {"v": 5.5}
    {"v": {"$numberLong": "10"}}
    {"v": {"$numberDecimal": "2.5"}}
    {"v": "abc"}
    {"v": "abcdef"}
    {"v": ""}
    {"v": null}
    {}
    {"v": true}
    {"v": []}
    {"v": [1, 2, 3]}
    {"v": [1, 1]}
    {"v": [1, "a", null]}
    {"v": {"a": 1}}
    {"v": {"a": 1, "b": "x"}}
    {"v": {"a": "s", "extra": 1}}
    {"v": [{"a": 1}, {"b": 2}]}
    {"v": {}}
    {"v": {"x1": 1, "x2": "s"}}
    {"v": {"$date": {"$numberLong": "0"}}}
    {"v": [{"k": [1, 2]}, {"k": 3}]}
    """#)

  private static let schemas: [Document] = Agreement.table(
    #"""
    {"bsonType": "int"}
    {"bsonType": ["int", "string"]}
    {"bsonType": "number"}
    {"bsonType": "nope"}
    {"type": "number"}
    {"type": ["string", "null"]}
    {"type": "integer"}
    {"type": 1}
    {"type": []}
    {"enum": [5, "abc", null]}
    {"enum": []}
    {"enum": 5}
    {"minimum": 5}
    {"maximum": 5}
    {"minimum": 5, "exclusiveMinimum": true}
    {"maximum": 10, "exclusiveMaximum": true}
    {"exclusiveMinimum": true}
    {"exclusiveMaximum": 5}
    {"minimum": "x"}
    {"multipleOf": 5}
    {"multipleOf": 2.5}
    {"multipleOf": 0}
    {"multipleOf": -5}
    {"multipleOf": "x"}
    {"minLength": 1}
    {"maxLength": 3}
    {"minLength": 4, "maxLength": 6}
    {"minLength": 5, "maxLength": 3}
    {"maxLength": 3, "minLength": 5}
    {"minLength": -1}
    {"maxLength": "x"}
    {"maxLength": {"$numberDouble": "3.0"}}
    {"maxLength": 3.5}
    {"pattern": "^ab"}
    {"pattern": "("}
    {"pattern": 1}
    {"minItems": 1}
    {"maxItems": 2}
    {"minItems": 3, "maxItems": 3}
    {"uniqueItems": true}
    {"uniqueItems": false}
    {"uniqueItems": 1}
    {"items": {"type": "number"}}
    {"items": [{"type": "number"}, {"type": "string"}]}
    {"items": [{"type": "number"}], "additionalItems": false}
    {"items": [{"type": "number"}], "additionalItems": {"type": "number"}}
    {"items": [{"type": "number"}], "additionalItems": true}
    {"additionalItems": false}
    {"additionalItems": 1}
    {"items": 1}
    {"items": []}
    {"minProperties": 1}
    {"maxProperties": 1}
    {"minProperties": 2, "maxProperties": 2}
    {"required": ["a"]}
    {"required": ["a", "b"]}
    {"required": []}
    {"required": [1]}
    {"required": "a"}
    {"properties": {"a": {"type": "number"}}}
    {"properties": {"a": 1}}
    {"properties": 1}
    {"properties": {"a": {"type": "number"}}, "additionalProperties": false}
    {"properties": {"a": {}}, "additionalProperties": {"type": "string"}}
    {"additionalProperties": true}
    {"additionalProperties": 1}
    {"patternProperties": {"^x": {"type": "number"}}}
    {"patternProperties": {"^x": {}}, "additionalProperties": false}
    {"patternProperties": {"(": {}}}
    {"dependencies": {"a": ["b"]}}
    {"dependencies": {"a": {"required": ["b"]}}}
    {"dependencies": {"a": []}}
    {"dependencies": 1}
    {"allOf": [{"type": "number"}, {"minimum": 6}]}
    {"anyOf": [{"type": "string"}, {"minimum": 6}]}
    {"oneOf": [{"type": "number"}, {"minimum": 6}]}
    {"not": {"type": "number"}}
    {"allOf": []}
    {"anyOf": 1}
    {"not": 1}
    {"title": "t", "description": "d"}
    {"title": 1}
    {"unknown": 1}
    {"$ref": "x"}
    {"default": 1}
    {"format": "date"}
    {"id": "x"}
    {}
    """#)

  @Test func schemasAcceptWhatMongoDBAccepts() async throws {
    try await Agreement.over("schemas", Self.subjects) { agreement in
      for schema in Self.schemas {
        try await agreement.find(["$jsonSchema": ["properties": ["v": .document(schema)]]])
      }
      for schema in [["required": ["v"]], ["properties": 5], 5, [:]] as [Value] {
        try await agreement.find(["$jsonSchema": schema])
      }
    }
  }

  private static let filters: [Document] = Agreement.table(
    #"""
    {"$and": 1}
    {"$or": []}
    {"$nor": [1]}
    {"$and": [{"v": {"$nope": 1}}]}
    {"$nope": 1}
    {"v": {"$in": 1}}
    {"v": {"$in": [{"$gt": 1}]}}
    {"v": {"$nin": "x"}}
    {"v": {"$not": 1}}
    {"v": {"$not": {}}}
    {"v": {"$not": {"$nope": 1}}}
    {"v": {"$exists": [1]}}
    {"v": {"$type": "nope"}}
    {"v": {"$type": 99}}
    {"v": {"$type": []}}
    {"v": {"$mod": [1]}}
    {"v": {"$mod": [0, 1]}}
    {"v": {"$mod": "x"}}
    {"v": {"$mod": [2, 1, 3]}}
    {"v": {"$size": -1}}
    {"v": {"$size": "x"}}
    {"v": {"$size": 1.5}}
    {"v": {"$all": 1}}
    {"v": {"$all": [{"$elemMatch": {"k": 3}}]}}
    {"v": {"$all": [{"$elemMatch": {"k": 3}}, 1]}}
    {"v": {"$all": []}}
    {"v": {"$elemMatch": 1}}
    {"v": {"$elemMatch": {"$gt": 1, "$lt": 3}}}
    {"v": {"$elemMatch": {"k": {"$gt": 1}}}}
    {"v": {"$regex": 1}}
    {"v": {"$options": "i"}}
    {"v": {"$bitsAllSet": -1}}
    {"v": {"$bitsAnySet": [0, 2]}}
    {"v": {"$bitsAllClear": "x"}}
    {"v": {"$bitsAnyClear": 5}}
    {"v": {"$bitsAllSet": [-1]}}
    {"v": {"$expr": 1}}
    {"$expr": {"$gt": ["$v", 4]}}
    {"$expr": {"$nope": 1}}
    {"$jsonSchema": 1}
    {"$comment": "x"}
    {"v": {"$comment": "x", "$gt": 5}}
    {"$alwaysTrue": 1}
    {"$alwaysFalse": 1}
    {"$alwaysTrue": 2}
    {"$sampleRate": 1}
    {"$sampleRate": 2}
    {"v": {"$gt": 4, "x": 1}}
    {"v": {"x": 1, "$gt": 1}}
    {"v": {"$undefined": true}}
    {"v": {"$eq": {"$undefined": true}}}
    {"v": {"$gt": {"$regularExpression": {"pattern": "a", "options": ""}}}}
    {"v": {"$ne": {"$regularExpression": {"pattern": "a", "options": ""}}}}
    {"v": {"$in": [{"$regularExpression": {"pattern": "^ab", "options": ""}}]}}
    {"": 1}
    {".v": 1}
    {"v.0": 1}
    {"v.k": 3}
    {"v.k.0": 2}
    {"v.a": {"$exists": false}}
    {"v": {"$not": {"$regularExpression": {"pattern": "^ab", "options": ""}}}}
    {"v": {"$gte": null}}
    {"v": {"$lt": {"$maxKey": 1}}}
    {"v": {"$gt": {"$minKey": 1}}}
    {"v": {"$gt": {"$numberDouble": "NaN"}}}
    {"v": {"$eq": {"$numberDouble": "NaN"}}}
    {"v": {"$mod": [2.9, 1]}}
    {"v": {"$type": ["int", "string"]}}
    {"v": {"$type": "number"}}
    {"v": {"$type": 4}}
    {"v": {"$type": -1}}
    """#)

  @Test func operatorsRefuseWhatMongoDBRefuses() async throws {
    try await Agreement.over("operators", Self.subjects) { agreement in
      for filter in Self.filters { try await agreement.find(filter) }
    }
  }

  @Test func wordsAreFoundAsMongoDBFindsThem() async throws {
    let documents: [Document] = [
      ["t": "The quick brown fox jumps"], ["t": "Foxes jumping over lazy dogs"],
      ["t": "A café in Paris"],
      ["t": "Cafe culture"], ["t": "nothing here"], ["t": 5], ["u": "fox"],
      ["t": ["a fox", "a dog"]],
      ["t": "Brown's Fox-hunt"], ["t": "BROWN FOX"],
    ]
    let searches: [Document] = [
      ["$search": "fox"], ["$search": "foxes"], ["$search": "jump"], ["$search": "fox -brown"],
      ["$search": "\"brown fox\""], ["$search": "\"brown fox\" dog"], ["$search": "cafe"],
      ["$search": "café", "$diacriticSensitive": true],
      ["$search": "BROWN", "$caseSensitive": true],
      ["$search": "the"], ["$search": ""], ["$search": "-fox"], ["$search": 1], [:],
      ["$search": "fox", "$caseSensitive": 1], ["$search": "fox", "$nope": 1],
      ["$search": "dog paris"],
      ["$search": "hunt"], ["$search": "\"Fox\"", "$caseSensitive": true],
    ]
    let index: Document = ["key": ["t": "text"]]
    try await Agreement.over("words", documents, indexes: [index]) { agreement in
      for search in searches {
        try await agreement.find(["$text": .document(search)], textFields: ["t"])
      }
      try await agreement.find(["$text": 1], textFields: ["t"])
    }
  }

  @Test func collationsCompareAsMongoDBCompares() async throws {
    let words = [
      "a", "A", "á", "Á", "ä", "ab", "aB", "b", "B", "c\u{327}", "ç", "co-op", "coop", "co op",
      "file10",
      "file2", "file02", "", " ", "_", "1", "10", "2", "Z", "z", "ß", "ss", "æ", "ae", "é",
      "e\u{301}", "ñ", "n",
      "α", "β", "Я", "я", "日", "résumé", "resume", "Resume",
    ]
    let documents =
      words.map { ["s": .string($0), "d": ["x": .string($0)], "l": [.string($0)]] as Document }
    let collations: [Document] = [
      ["locale": "simple"], ["locale": "en"], ["locale": "en", "strength": 1],
      ["locale": "en", "strength": 2],
      ["locale": "en", "strength": 1, "caseLevel": true], ["locale": "en", "caseFirst": "upper"],
      ["locale": "en", "numericOrdering": true], ["locale": "en", "alternate": "shifted"],
      ["locale": "en", "alternate": "shifted", "strength": 4], ["locale": "fr", "backwards": true],
      ["locale": "en", "strength": 2, "numericOrdering": true],
    ]
    try await Agreement.over("collations", documents) { agreement in
      for collation in collations {
        try await agreement.aggregate(
          [["$sort": ["s": 1, "_id": 1]], ["$project": ["_id": 1]]], collation: collation)
        for probe in ["a", "Á", "resume", "COOP", "file2", "ae", "ss"] {
          let value = Value.string(probe)
          try await agreement.find(["s": value], collation: collation)
          try await agreement.find(["s": ["$gt": value]], collation: collation)
          try await agreement.find(["d": ["x": value]], collation: collation)
          try await agreement.find(["l": [value]], collation: collation)
          try await agreement.find(["s": ["$in": [value, "b"]]], collation: collation)
        }
        try await agreement.aggregate(
          [["$group": ["_id": "$s"]], ["$count": "n"]], collation: collation)
      }
      for wrong in [["strength": 1], ["locale": "en", "strength": 9], ["locale": ""]] as [Document]
      {
        try await agreement.find(["s": "a"], collation: wrong)
      }
    }
  }
}
