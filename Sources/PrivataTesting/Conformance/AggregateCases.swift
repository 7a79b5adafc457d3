internal import PrivataCore

/// Pipelines whose answers have one order.
enum AggregateCases {
  static let accounts: [Document] = [
    [
      "_id": .objectID(ConformanceContext.id(1)), "email": "ada@example.org", "owner": "Ada",
      "region": "north", "balance": 10,
    ],
    [
      "_id": .objectID(ConformanceContext.id(2)), "email": "g@example.org", "owner": "Grace",
      "region": "south", "balance": 2.5,
    ],
    [
      "_id": .objectID(ConformanceContext.id(3)), "email": "x@example.org", "owner": "Ada",
      "region": "south", "balance": 7, "parent": .objectID(ConformanceContext.id(1)),
    ],
    ["_id": .objectID(ConformanceContext.id(4)), "email": "y@example.org"],
  ]

  static let single: [[Document]] = [
    [["$match": ["age": 36]], ["$sort": ["_id": 1]]],
    [["$match": ["age": ["$gte": 30]]], ["$count": "n"]],
    [["$match": ["age": 36]], ["$match": ["name": "Ada"]], ["$count": "n"]],
    [["$match": ["age": 999]], ["$count": "n"]],
    [["$match": ["tags": "vip"]], ["$sort": ["_id": -1]], ["$limit": 2]],
    [["$sort": ["_id": 1]], ["$skip": 3], ["$limit": 4]],
    [["$sort": ["_id": 1]], ["$limit": 6], ["$skip": 4]],
    [["$sort": ["_id": 1]], ["$limit": 2], ["$skip": 4]],
    [["$sort": ["_id": 1]], ["$skip": 2], ["$limit": 7], ["$skip": 2], ["$limit": 3]],
    [["$sort": ["_id": 1]], ["$limit": 5], ["$match": ["active": true]]],
    [["$sort": ["_id": 1]], ["$match": ["active": true]]],
    [["$sort": ["_id": 1]], ["$limit": 4], ["$count": "n"]],
    [["$sort": ["age": 1, "_id": 1]], ["$project": ["age": 1]]],
    [["$sort": ["address.city": -1, "_id": 1]], ["$project": ["_id": 1]]],
    [["$match": ["extra.deep.er": 2]], ["$project": ["extra": 1, "_id": 0]]],
    [["$project": ["name": 1, "twice": ["$toString": "$_id"]]], ["$sort": ["_id": 1]]],
    [["$project": ["visits": 0, "meta": 0, "blob": 0]], ["$sort": ["_id": 1]]],
    [["$match": ["$expr": ["$gt": ["$big", 4]]]], ["$sort": ["_id": 1]]],
    [["$group": ["_id": "$age", "n": ["$sum": 1]]], ["$sort": ["_id": 1]]],
    [
      [
        "$group": [
          "_id": .null, "n": ["$sum": 1], "least": ["$min": "$small"], "most": ["$max": "$big"],
          "sum": ["$sum": "$small"],
        ]
      ]
    ],
    [
      ["$match": ["_id": ["$in": [1, 2, 3]]]],
      [
        "$group": [
          "_id": "$active", "names": ["$push": "$name"], "all": ["$push": "$$ROOT._id"],
          "mean": ["$avg": "$age"],
        ]
      ], ["$sort": ["_id": 1]],
    ],
    [["$unwind": "$tags"], ["$sortByCount": "$tags"], ["$sort": ["count": -1, "_id": 1]]],
    [
      ["$unwind": ["path": "$visits", "preserveNullAndEmptyArrays": true]],
      ["$project": ["at": "$visits.at"]], ["$sort": ["_id": 1, "at": 1]],
    ],
    [
      ["$match": ["age": ["$type": "number"]]],
      ["$bucket": ["groupBy": "$age", "boundaries": [-10, 0, 30, 40], "default": "more"]],
    ],
    [
      ["$sort": ["_id": 1]],
      [
        "$facet": [
          "oldest": [["$sort": ["age": -1, "_id": 1]], ["$limit": 2], ["$project": ["age": 1]]],
          "count": [["$match": ["active": true]], ["$count": "n"]],
        ]
      ],
    ],
    [
      ["$match": ["address.city": ["$exists": true]]], ["$sort": ["_id": 1]],
      ["$replaceRoot": ["newRoot": "$address"]],
    ],
    [
      ["$set": ["half": ["$divide": ["$small", 2]]]], ["$match": ["half": ["$gt": 0]]],
      ["$sort": ["_id": 1]],
    ],
    [["$unset": ["visits", "address.city"]], ["$sort": ["_id": 1]], ["$limit": 4]],
    [["$sample": ["size": 50]], ["$count": "n"]],
    [
      ["$match": ["_id": ["$lt": 4]]], ["$project": ["n": ["$size": "$visits"]]],
      ["$sort": ["_id": 1]],
    ],
    [["$match": ["_id": 5]], ["$project": ["n": ["$size": "$visits"]]]],
    [
      ["$sort": ["_id": 1]],
      ["$group": ["_id": .null, "f": ["$first": "$name"], "l": ["$last": "$_id"]]],
    ],
    [["$match": [:]], ["$sort": ["price": 1, "_id": 1]], ["$project": ["price": 1]]],
    [
      [
        "$group": [
          "_id": .null, "best": ["$top": ["sortBy": ["small": -1, "_id": 1], "output": "$_id"]],
        ]
      ]
    ],
    [["$sort": ["_id": 1]], ["$project": ["v": ["$getField": "name"]]]],
  ]

  static func joined(people: String, accounts: String) -> [[Document]] {
    let from = Value.string(accounts)
    return byFields(.string(people), from) + byPipelines(from) + reaching(from)
  }

  private static func byFields(_ people: Value, _ from: Value) -> [[Document]] {
    [
      [
        ["$lookup": ["from": from, "localField": "name", "foreignField": "owner", "as": "a"]],
        ["$unwind": "$a"], ["$sort": ["_id": 1, "a.email": 1]], ["$project": ["a.email": 1]],
      ],
      [
        ["$match": ["_id": ["$lt": 3]]], ["$sort": ["_id": 1]],
        ["$lookup": ["from": from, "localField": "clinic", "foreignField": "_id", "as": "a"]],
        ["$unwind": "$a"], ["$project": ["a.owner": 1]],
      ],
      [
        ["$match": ["_id": 1]],
        [
          "$lookup": [
            "from": people, "localField": "age", "foreignField": "age", "as": "a",
          ]
        ],
        ["$unwind": "$a"], ["$sort": ["a._id": 1]], ["$project": ["a.name": 1]],
      ],
      [
        ["$sort": ["_id": 1]],
        ["$lookup": ["from": from, "localField": "nothing", "foreignField": "owner", "as": "a"]],
        ["$limit": 2], ["$project": ["a.email": 1]],
      ],
    ]
  }

  private static func byPipelines(_ from: Value) -> [[Document]] {
    [
      [
        ["$match": ["_id": 1]],
        [
          "$lookup": [
            "from": from, "let": ["who": "$name"], "as": "a",
            "pipeline": [
              ["$match": ["$expr": ["$eq": ["$owner", "$$who"]]]], ["$sort": ["balance": 1]],
              ["$project": ["balance": 1, "_id": 0]],
            ],
          ]
        ], ["$project": ["a": 1]],
      ],
      [
        ["$match": ["_id": ["$in": [1, 2]]]], ["$sort": ["_id": 1]],
        [
          "$lookup": [
            "from": from, "as": "a",
            "pipeline": [["$match": ["region": "south"]], ["$count": "n"]],
          ]
        ], ["$project": ["a": 1]],
      ],
      [
        ["$match": ["_id": 1]],
        [
          "$lookup": [
            "from": from, "localField": "name", "foreignField": "owner", "as": "a",
            "pipeline": [["$match": ["region": "north"]], ["$project": ["email": 1, "_id": 0]]],
          ]
        ], ["$project": ["a": 1]],
      ],
    ]
  }

  private static func reaching(_ from: Value) -> [[Document]] {
    [
      [
        ["$match": ["_id": 1]],
        [
          "$graphLookup": [
            "from": from, "startWith": "$clinic", "connectFromField": "_id",
            "connectToField": "parent", "as": "a", "depthField": "depth",
          ]
        ], ["$project": ["a.email": 1, "a.depth": 1]],
      ],
      [
        ["$match": ["age": 36]], ["$project": ["name": 1]],
        [
          "$unionWith": [
            "coll": from,
            "pipeline": [["$match": ["region": "north"]], ["$project": ["owner": 1]]],
          ]
        ], ["$group": ["_id": .null, "n": ["$sum": 1], "o": ["$max": "$owner"]]],
      ],
    ]
  }

  static let many: [[Document]] = [
    [["$group": ["_id": "$age", "n": ["$sum": 1], "m": ["$max": "$_id"]]], ["$sort": ["_id": 1]]],
    [
      ["$match": ["list": 2]], ["$group": ["_id": "$age", "n": ["$sum": 1]]], ["$sort": ["_id": 1]],
    ],
    [
      ["$project": ["age": 1, "last": ["$mod": ["$_id", 10]]]],
      ["$sort": ["last": 1, "_id": -1]], ["$skip": 5], ["$limit": 20],
    ],
    [["$unwind": "$list"], ["$match": ["list": 1]], ["$count": "n"]],
    [
      ["$sort": ["_id": 1]], ["$set": ["odd": ["$mod": ["$_id", 2]]]], ["$match": ["odd": 1]],
      ["$skip": 100], ["$limit": 700], ["$count": "n"],
    ],
    [
      ["$sort": ["_id": 1]], ["$unwind": "$list"], ["$limit": 600],
      ["$group": ["_id": .null, "n": ["$sum": "$_id"]]],
    ],
  ]
}
