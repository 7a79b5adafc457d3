import PrivataCore
import Testing

@testable import PrivataMongo

@Suite struct PipelineAgreementTests {
  private static let documents: [Document] = Agreement.table(
    #"""
    {"n": 1, "s": "a", "l": [1, 2], "d": {"x": 1}}
    {"n": 5, "s": "b", "l": [], "d": {"x": [1, 2]}}
    {"n": 2.5, "s": null, "l": null}
    {"s": "a", "l": [{"k": 1}, {"k": 2}]}
    {"n": {"$numberLong": "7"}, "s": "c", "l": 4, "parent": 0}
    {"n": null, "parent": 4, "l": ["x"]}
    """#)

  private static let stages = Agreement.table(
    #"""
    {"$unwind": "$l"}
    {"$unwind": "l"}
    {"$unwind": 1}
    {"$unwind": ""}
    {"$unwind": {"path": "$l"}}
    {"$unwind": {"path": 1}}
    {"$unwind": {"path": "l"}}
    {"$unwind": {}}
    {"$unwind": {"path": "$l", "nope": 1}}
    {"$unwind": {"path": "$l", "preserveNullAndEmptyArrays": true}}
    {"$unwind": {"path": "$l", "preserveNullAndEmptyArrays": 1}}
    {"$unwind": {"path": "$l", "includeArrayIndex": "i"}}
    {"$unwind": {"path": "$l", "includeArrayIndex": ""}}
    {"$unwind": {"path": "$l", "includeArrayIndex": "$i"}}
    {"$unwind": {"path": "$l", "includeArrayIndex": 1}}
    {"$unwind": {"path": "$l", "includeArrayIndex": "a.b", "preserveNullAndEmptyArrays": true}}
    {"$unwind": {"includeArrayIndex": 1, "path": 1}}
    {"$unwind": "$d.x"}
    {"$unwind": "$nope"}
    {"$group": {"_id": null}}
    {"$group": {"x": 1}}
    {"$group": 1}
    {"$group": {"_id": null, "a.b": {"$sum": 1}}}
    {"$group": {"_id": null, "$a": {"$sum": 1}}}
    {"$group": {"_id": null, "a": 1}}
    {"$group": {"_id": null, "a": {}}}
    {"$group": {"_id": null, "a": {"$sum": 1, "$avg": 1}}}
    {"$group": {"_id": null, "a": {"$nope": 1}}}
    {"$group": {"_id": null, "a": {"$count": {}}}}
    {"$group": {"_id": null, "a": {"$count": 1}}}
    {"$group": {"_id": null, "a": {"$sum": [1, 2]}}}
    {"$group": {"_id": null, "a": {"$sum": "$n"}}}
    {"$group": {"_id": null, "a": {"$avg": "$n"}}}
    {"$group": {"_id": null, "a": {"$min": "$n"}}}
    {"$group": {"_id": null, "a": {"$max": "$s"}}}
    {"$group": {"_id": null, "a": {"$first": "$s"}}}
    {"$group": {"_id": null, "a": {"$last": "$s"}}}
    {"$group": {"_id": null, "a": {"$push": "$s"}}}
    {"$group": {"_id": null, "a": {"$mergeObjects": "$d"}}}
    {"$group": {"_id": null, "a": {"$mergeObjects": "$s"}}}
    {"$group": {"_id": null, "a": {"$stdDevPop": "$n"}}}
    {"$group": {"_id": null, "a": {"$stdDevSamp": "$n"}}}
    {"$group": {"_id": null, "a": {"$firstN": {"n": 2, "input": "$s"}}}}
    {"$group": {"_id": null, "a": {"$lastN": {"n": 2, "input": "$s"}}}}
    {"$group": {"_id": null, "a": {"$minN": {"n": 2, "input": "$n"}}}}
    {"$group": {"_id": null, "a": {"$maxN": {"n": 2, "input": "$n"}}}}
    {"$group": {"_id": null, "a": {"$firstN": {"n": 0, "input": "$s"}}}}
    {"$group": {"_id": null, "a": {"$firstN": {"input": "$s"}}}}
    {"$group": {"_id": null, "a": {"$firstN": {"n": 1}}}}
    {"$group": {"_id": null, "a": {"$firstN": 1}}}
    {"$group": {"_id": null, "a": {"$firstN": {"n": 1, "input": 1, "x": 1}}}}
    {"$group": {"_id": null, "a": {"$top": {"sortBy": {"n": -1}, "output": "$s"}}}}
    {"$group": {"_id": null, "a": {"$bottom": {"sortBy": {"n": 1}, "output": "$s"}}}}
    {"$group": {"_id": null, "a": {"$topN": {"n": 2, "sortBy": {"n": 1}, "output": "$n"}}}}
    {"$group": {"_id": null, "a": {"$bottomN": {"n": 2, "sortBy": {"n": 1}, "output": "$n"}}}}
    {"$group": {"_id": null, "a": {"$top": {"sortBy": 1, "output": "$s"}}}}
    {"$group": {"_id": null, "a": {"$top": {"output": "$s"}}}}
    {"$group": {"_id": null, "a": {"$top": {"sortBy": {"n": 1}}}}}
    {"$group": {"_id": null, "a": {"$topN": {"sortBy": {"n": 1}, "output": 1}}}}
    {"$group": {"_id": null, "a": {"$top": 1}}}
    {"$group": {"_id": null, "a": {"$top": {"sortBy": {"n": 1}, "output": 1, "x": 1}}}}
    {"$lookup": {"from": "SELF", "localField": "parent", "foreignField": "_id", "as": "up"}}
    {"$lookup": {"from": "SELF", "localField": "parent", "foreignField": "_id"}}
    {"$lookup": {"as": "x"}}
    {"$lookup": 1}
    {"$lookup": {"from": 1, "localField": "a", "foreignField": "b", "as": "c"}}
    {"$lookup": {"from": "SELF", "localField": "a", "as": "c"}}
    {"$lookup": {"from": "SELF", "foreignField": "a", "as": "c"}}
    {"$lookup": {"from": "SELF", "as": "c"}}
    {"$lookup": {"from": "SELF", "as": "c", "nope": 1, "pipeline": []}}
    {"$lookup": {"from": "SELF", "as": "c", "pipeline": [{"$match": {"n": 1}}, {"$project": {"n": 1}}]}}
    {"$lookup": {"from": "SELF", "as": "c", "pipeline": 1}}
    {"$lookup": {"from": "SELF", "as": "c", "pipeline": [1]}}
    {"$lookup": {"from": "SELF", "as": "c", "let": 1, "pipeline": []}}
    {"$lookup": {"from": "SELF", "as": "c", "let": {"A": 1}, "pipeline": []}}
    {"$lookup": {"from": "SELF", "as": "c", "let": {"me": "$_id"}, "pipeline": [{"$match": {"$expr": {"$eq": ["$parent", "$$me"]}}}, {"$project": {"_id": 1}}]}}
    {"$lookup": {"from": "SELF", "as": "c", "let": {"me": "$_id"}, "pipeline": [{"$match": {"$expr": {"$eq": ["$parent", "$$you"]}}}]}}
    {"$lookup": {"as": "c", "pipeline": [{"$documents": [{"z": 1}]}]}}
    {"$lookup": {"as": "c", "pipeline": []}}
    {"$lookup": {"from": "SELF", "localField": "$a", "foreignField": "b", "as": "c"}}
    {"$lookup": {"from": "SELF", "localField": "parent", "foreignField": "_id", "as": "$c"}}
    {"$graphLookup": {"from": "SELF", "startWith": "$parent", "connectFromField": "parent", "connectToField": "_id", "as": "up", "maxDepth": 0, "depthField": "depth"}}
    {"$graphLookup": {"from": "SELF", "startWith": "$parent", "connectFromField": "parent", "connectToField": "_id", "as": "up", "restrictSearchWithMatch": {"n": 7}}}
    {"$graphLookup": {"from": "SELF", "startWith": "$parent", "connectFromField": "parent", "connectToField": "_id", "as": "up", "restrictSearchWithMatch": 1}}
    {"$graphLookup": {"from": "SELF", "startWith": 1, "connectFromField": "a", "connectToField": "b", "as": "c", "maxDepth": -1}}
    {"$graphLookup": {"from": "SELF", "startWith": 1, "connectFromField": "a", "connectToField": "b", "as": "c", "maxDepth": 1.5}}
    {"$graphLookup": {"from": "SELF", "startWith": 1, "connectFromField": "a", "connectToField": "b", "as": "c", "maxDepth": "x"}}
    {"$graphLookup": {"from": "SELF", "startWith": 1, "connectFromField": 1, "connectToField": "b", "as": "c"}}
    {"$graphLookup": {"from": "SELF", "startWith": 1, "connectToField": "b", "as": "c"}}
    {"$graphLookup": {"nope": 1}}
    {"$graphLookup": 1}
    {"$bucket": {"groupBy": "$n", "boundaries": [0, 3, 9], "default": "x"}}
    {"$bucket": {"groupBy": "$n", "boundaries": [0, 3]}}
    {"$bucket": {"groupBy": "$n", "boundaries": [3, 0]}}
    {"$bucket": {"groupBy": "$n", "boundaries": [0]}}
    {"$bucket": {"groupBy": "n", "boundaries": [0, 1]}}
    {"$bucket": {"groupBy": "$n", "boundaries": [0, "x"]}}
    {"$bucket": {"groupBy": "$n", "boundaries": 1}}
    {"$bucket": {"boundaries": [0, 1]}}
    {"$bucket": 1}
    {"$bucket": {"groupBy": "$n", "boundaries": [0, 9], "default": 5}}
    {"$bucket": {"groupBy": "$n", "boundaries": [0, 9], "nope": 1}}
    {"$bucket": {"groupBy": "$n", "boundaries": [0, 3, 9], "default": 99, "output": {"c": {"$sum": 1}, "l": {"$push": "$s"}}}}
    {"$bucket": {"groupBy": "$n", "boundaries": [0, 9], "default": "x", "output": 1}}
    {"$bucketAuto": {"groupBy": "$_id", "buckets": 2}}
    {"$bucketAuto": {"groupBy": "$_id", "buckets": 0}}
    {"$bucketAuto": {"groupBy": "$_id", "buckets": "x"}}
    {"$bucketAuto": {"groupBy": "_id", "buckets": 2}}
    {"$bucketAuto": {"buckets": 2}}
    {"$bucketAuto": {"groupBy": "$_id"}}
    {"$bucketAuto": 1}
    {"$bucketAuto": {"groupBy": "$_id", "buckets": 2, "nope": 1}}
    {"$bucketAuto": {"groupBy": "$_id", "buckets": 20}}
    {"$bucketAuto": {"groupBy": "$_id", "buckets": 3, "output": {"s": {"$sum": "$n"}}}}
    {"$bucketAuto": {"groupBy": "$_id", "buckets": 1.5}}
    {"$bucketAuto": {"groupBy": "$_id", "buckets": 2, "granularity": "NOPE"}}
    {"$sort": {"n": 1}}
    {"$sort": {"n": -1, "s": 1}}
    {"$sort": {}}
    {"$sort": 1}
    {"$sort": {"n": 2}}
    {"$sort": {"n": "x"}}
    {"$sort": {"n": {"$meta": "x"}}}
    {"$sort": {"l": 1, "_id": 1}}
    {"$limit": 2}
    {"$limit": 0}
    {"$limit": -1}
    {"$limit": "x"}
    {"$limit": 2.5}
    {"$limit": {"$numberDouble": "2.0"}}
    {"$skip": 2}
    {"$skip": 0}
    {"$skip": -1}
    {"$skip": "x"}
    {"$sample": {"size": 0}}
    {"$sample": 1}
    {"$sample": {"size": "x"}}
    {"$sample": {"size": -1}}
    {"$sample": {}}
    {"$sample": {"nope": 1}}
    {"$count": "c"}
    {"$count": ""}
    {"$count": "$c"}
    {"$count": "a.b"}
    {"$count": 1}
    {"$sortByCount": "$nope"}
    {"$sortByCount": "s"}
    {"$sortByCount": 1}
    {"$sortByCount": {"a": 1}}
    {"$sortByCount": {"$toUpper": "$nope"}}
    {"$facet": {"a": [{"$count": "c"}], "b": [{"$match": {"n": 1}}]}}
    {"$facet": {}}
    {"$facet": 1}
    {"$facet": {"a": 1}}
    {"$facet": {"$a": []}}
    {"$facet": {"a.b": []}}
    {"$facet": {"a": [{"$facet": {"x": []}}]}}
    {"$facet": {"a": [1]}}
    {"$facet": {"a": [{"$out": "x"}]}}
    {"$unionWith": "SELF"}
    {"$unionWith": {"coll": "SELF", "pipeline": [{"$match": {"n": 1}}]}}
    {"$unionWith": 1}
    {"$unionWith": {"nope": 1}}
    {"$unionWith": {"pipeline": []}}
    {"$match": {"n": {"$gt": 2}}}
    {"$match": 1}
    {"$match": {"$expr": {"$gt": ["$n", 2]}}}
    {"$redact": "$$KEEP"}
    {"$redact": "$$PRUNE"}
    {"$redact": "$$DESCEND"}
    {"$redact": "x"}
    {"$redact": {"$cond": [{"$eq": ["$n", 1]}, "$$PRUNE", "$$KEEP"]}}
    {"$project": {"n": 1}}
    {"$project": {"n": 0}}
    {"$project": {"n": 1, "s": 0}}
    {"$project": {}}
    {"$project": 1}
    {"$project": {"n": 1, "_id": 0}}
    {"$project": {"x": "$n"}}
    {"$project": {"d.x": 1}}
    {"$project": {"d": {"x": 1}}}
    {"$project": {"d": {}}}
    {"$project": {"n": {"$nope": 1}}}
    {"$project": {"a.b": 1, "a": 1}}
    {"$project": {"": 1}}
    {"$project": {"$a": 1}}
    {"$project": {"n": "$$REMOVE"}}
    {"$project": {"l": {"$slice": ["$l", 1]}}}
    {"$project": {"x": {"$literal": 1}}}
    {"$project": {"l": {"$elemMatch": {"k": 1}}}}
    {"$addFields": {"x": 1}}
    {"$addFields": {"d.y": "$n"}}
    {"$addFields": {}}
    {"$addFields": 1}
    {"$addFields": {"l.z": 5}}
    {"$addFields": {"n": "$$REMOVE"}}
    {"$addFields": {"a": 1, "a.b": 1}}
    {"$unset": "n"}
    {"$unset": ["n", "d.x"]}
    {"$unset": 1}
    {"$unset": []}
    {"$unset": ""}
    {"$unset": [1]}
    {"$replaceRoot": {"newRoot": "$d"}}
    {"$replaceRoot": {"newRoot": {"a": 1}}}
    {"$replaceRoot": {}}
    {"$replaceRoot": 1}
    {"$replaceRoot": {"newRoot": 1}}
    {"$replaceWith": "$d"}
    {"$replaceWith": {"$mergeObjects": [{"a": 1}, "$$ROOT"]}}
    {"$replaceWith": 1}
    {"$nope": 1}
    {"$documents": 1}
    {}
    {"$match": {}, "$limit": 1}
    """#)

  @Test func stagesAnswerAndRefuseAsMongoDB() async throws {
    try await Agreement.over("stages", Self.documents) { agreement in
      let own = "agreement_stages"
      for stage in Self.stages {
        let text = stage.extendedJSON(.canonical).replacing("\"SELF\"", with: "\"\(own)\"")
        try await agreement.aggregate([["$sort": ["_id": 1]], try Document(extendedJSON: text)])
      }
    }
  }
}
