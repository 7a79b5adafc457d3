/// The names of MongoDB 6.0's pipeline stages, to tell an unknown stage from one that is not allowed.
enum PipelineStageNames {
  static let all: Set<String> = [
    "$addFields", "$bucket", "$bucketAuto", "$changeStream", "$collStats", "$count", "$currentOp",
    "$densify", "$documents", "$facet", "$fill", "$geoNear", "$graphLookup", "$group",
    "$indexStats", "$limit", "$listLocalSessions", "$listSessions", "$lookup", "$match", "$merge",
    "$out", "$planCacheStats", "$project", "$redact", "$replaceRoot", "$replaceWith", "$sample",
    "$search", "$set", "$setWindowFields", "$skip", "$sort", "$sortByCount", "$unionWith",
    "$unset", "$unwind",
  ]
}
