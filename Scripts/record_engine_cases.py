"""Records what a MongoDB server answers, for the tests of the document engine.

usage: record_engine_cases.py MONGODB_URL FOLDER        (needs pymongo; the database engine_cases is dropped)

Writes find.json, update.json, project.json, sort.json and aggregate.json, one case per line, in
canonical Extended JSON. A case holds what was asked and what the server answered: ids, documents,
or the number of its error.
"""
import itertools
import json
import re
import sys
from collections import OrderedDict as D
from datetime import datetime, timezone

from bson import (SON, Binary, Code, Decimal128, Int64, MaxKey, MinKey, ObjectId, Regex, Timestamp, encode,
                  json_util)
from bson.codec_options import CodecOptions, DatetimeConversion
from pymongo import MongoClient
from pymongo.errors import OperationFailure, WriteError

OPTIONS = CodecOptions(document_class=SON, tz_aware=True, datetime_conversion=DatetimeConversion.DATETIME_AUTO)
JSON_OPTIONS = json_util.CANONICAL_JSON_OPTIONS.with_options(
    datetime_representation=json_util.DatetimeRepresentation.NUMBERLONG, document_class=SON)


def text(value):
    return json_util.dumps(value, json_options=JSON_OPTIONS, separators=(",", ":"), ensure_ascii=False)


def save(folder, name, head, cases):
    with open(f"{folder}/{name}.json", "w") as file:
        file.write('{"head":' + text(head) + ',\n"cases":[\n')
        file.write(",\n".join(text(case) for case in cases))
        file.write("\n]}\n")
    print(f"{name}: {len(cases)} cases")


def date(text):
    return datetime.fromisoformat(text).replace(tzinfo=timezone.utc)


def oid(number):
    return ObjectId(f"{number:024x}")


NAN, INF = float("nan"), float("inf")

VALUES = [
    None, True, False, 0, 1, 2, -1, Int64(1), Int64(2**53 + 1), 1.0, 1.5, -0.0, NAN, INF, -INF, Decimal128("1"),
    Decimal128("1.50"), Decimal128("NaN"), "", "a", "abc", "A", "é", "1", [], [1], [1, 2], ["a"], [None], [[1]], [[1, 2], 3],
    {}, {"b": 1}, {"b": None}, {"b": [1, 2]}, {"b": 1, "c": 2}, {"c": 2, "b": 1}, [{"b": 1}], [{"b": 1}, {"b": 2}],
    [{"b": [1, 2]}], [{"c": 1}], [{}, 5], [{"b": {"c": 1}}, {"b": [{"c": 2}]}], oid(1), oid(2),
    date("2020-01-01T00:00:00"), date("1969-12-31T00:00:00"), Binary(b"\x01\x02"), Binary(b"\x01" * 16, 4),
    Regex("^a"), Regex("^a", "i"), Timestamp(5, 1), MinKey(), MaxKey(), Code("f"), {"0": 1}, {"b": {"c": [1]}},
    [{"0": 5}], [[{"b": 1}]], 3.7, 12, Int64(2**40),
]


def find_cases(db):
    col = db.find
    col.drop()
    documents = [SON([("_id", 0)])] + [SON([("_id", i + 1), ("a", v)]) for i, v in enumerate(VALUES)]
    col.insert_many(documents)
    filters = []
    for path in ["a", "a.b", "a.0", "a.b.c", "a.0.b", "a.b.0", "a.0.0", "a.1"]:
        for v in VALUES:
            filters.append(SON([(path, v)]))
            for op in ["$eq", "$ne", "$gt", "$gte", "$lt", "$lte"]:
                if path in ("a", "a.b", "a.0") or op == "$gte":
                    filters.append(SON([(path, SON([(op, v)]))]))
        for v in [[], [None], [1, "a"], [Regex("^A", "i")], [[1]], [{"b": 1}], [True, oid(1)], [MinKey()], [Decimal128("1.5")],
                  [1, None], [NAN], 5, [{"$gt": 1}], [["a"], []]]:
            filters += [SON([(path, {"$in": v})]), SON([(path, {"$nin": v})])]
        for c in [True, False, 0, 1, None, "x", -0.0, []]:
            filters.append(SON([(path, {"$exists": c})]))
        for t in ["double", "string", "object", "array", "binData", "undefined", "objectId", "bool", "date", "null", "regex",
                  "javascript", "int", "timestamp", "long", "decimal", "minKey", "maxKey", "number", 1, 16, 127, -1, 2.0, ["int", 2],
                  [], "nope", 99, True, 1.5]:
            filters.append(SON([(path, {"$type": t})]))
        for c in [0, 1, 2, -1, 1.0, 1.5, "1", Int64(2), None, NAN, Decimal128("2")]:
            filters.append(SON([(path, {"$size": c})]))
        for c in [[], [1], [1, 2], ["a"], [None], [[1]], [{"b": 1}], [Regex("^a")], 5, [{"$elemMatch": {"b": 1}}],
                  [{"$elemMatch": {"b": 1}}, {"$elemMatch": {"b": 2}}], [{"$elemMatch": {"b": 1}}, 1], [{"$gt": 1}], [1, {"$elemMatch": {}}],
                  [[1, 2]]]:
            filters.append(SON([(path, {"$all": c})]))
        for c in [{}, {"b": 1}, {"$gt": 0}, {"$gt": 0, "$lt": 2}, {"$eq": None}, {"$ne": 1}, {"$in": [1, None]}, {"$exists": True},
                  {"$not": {"$gt": 1}}, {"$elemMatch": {"$gt": 0}}, {"$size": 2}, {"b": {"$gt": 1}}, {"b": None}, {"$or": [{"b": 1}]},
                  {"$nor": [{"b": 1}]}, {"0": 1}, {"b.c": 1}, 5, {"$type": "int"}, {"$regex": "^a"}, {"$and": [{"$gt": 1}]},
                  {"b": {"$exists": False}}, {"$bogus": 1}, {"$all": [1]}, {"$mod": [2, 0]}, {"c": {"$ne": 1}}]:
            filters += [SON([(path, {"$elemMatch": c})]), SON([(path, {"$not": {"$elemMatch": c}})])]
        for c in [[2, 0], [2, 1], [2], [2, 0, 1], [0, 1], [2.7, 1.2], ["a", 1], [2, "a"], 5, [-2, -1], [Int64(3), 0], [NAN, 1],
                  [Decimal128("2"), 0], [1, None], [INF, 0]]:
            filters.append(SON([(path, {"$mod": c})]))
        for op in ["$bitsAllSet", "$bitsAnySet", "$bitsAllClear", "$bitsAnyClear"]:
            for c in [0, 1, 3, [0], [0, 1], [70], -1, 1.0, 1.5, "x", Binary(b"\x01"), [-1], [1.5], [], Int64(2**40), [[1]], None]:
                filters.append(SON([(path, {op: c})]))
        for c in ["^a", "a", "", "(", Regex("^A"), Regex("^A", "i"), 5, None]:
            filters.append(SON([(path, {"$regex": c})]))
            filters.append(SON([(path, SON([("$regex", c), ("$options", "i")]))]))
        filters += [SON([(path, {"$options": "i"})]), SON([(path, SON([("$options", "i"), ("$regex", "^A")]))]),
                    SON([(path, {"$regex": "a", "$options": "g"})]), SON([(path, {"$regex": "a", "$options": 5})])]
        for c in [{"$gt": 1}, {"$in": [1]}, Regex("^a"), {}, 5, {"b": 1}, {"$not": {"$gt": 1}}, {"$regex": "^a"}, {"$exists": True},
                  {"$gt": 0, "$lt": 2}, {"$size": 1}, {"$eq": None}]:
            filters.append(SON([(path, {"$not": c})]))
        filters += [SON([(path, {"$gt": 0, "b": 1})]), SON([(path, SON([("b", 1), ("$gt", 0)]))]), SON([(path, {"$bogus": 1})]),
                    SON([(path, {"$gt": 0, "$lt": 2})]), SON([(path, {"$ne": 1, "$exists": True})]),
                    SON([(path, {"$where": "true"})]), SON([(path, {"$and": [{"$gt": 1}]})]), SON([(path, {"$comment": "x"})])]
    filters += [
        {"$and": []}, {"$or": []}, {"$nor": []}, {"$and": 5}, {"$or": [1]}, {"$or": [{}]}, {"$nor": [{}]}, {"$bogus": 1},
        {"$and": [{"a": 1}, {"a": {"$type": "int"}}]}, {"$or": [{"a": 1}, {"a": "a"}]}, {"$nor": [{"a": 1}, {"a": None}]},
        {"$comment": "x"}, {"$comment": {"a": 1}}, {"$expr": {"$eq": ["$a", 1]}}, {"$expr": {"$gt": ["$a.b", 0]}}, {"$expr": "$a"},
        {"$expr": {"$divide": [1, 0]}}, {"$expr": {"$bogus": 1}}, {"$expr": 1}, {"$expr": 0}, {"$expr": "$$x"},
        {"$alwaysTrue": 1}, {"$alwaysFalse": 1}, {"": 1}, {".a": None}, {"$a": 1}, {"$or": {"a": 1}},
        {"a": {"$ref": "c", "$id": 1}}, {"$jsonSchema": {}}, {"$jsonSchema": {"required": ["a"]}},
        {"$jsonSchema": {"properties": {"a": {"bsonType": "int"}}}}, {"$jsonSchema": {"properties": {"a": {"type": "number", "minimum": 1}}}},
        {"$jsonSchema": {"properties": {"a": {"type": "integer"}}}}, {"$jsonSchema": {"bogus": 1}}, {"$jsonSchema": 5},
        {"$jsonSchema": {"properties": {"a": {"bsonType": "array", "items": {"bsonType": "int"}}}}},
        {"$jsonSchema": {"properties": {"a": {"bsonType": "array", "minItems": 1, "uniqueItems": True}}}},
        {"$jsonSchema": {"properties": {"a": {"bsonType": "object", "required": ["b"], "additionalProperties": False, "properties": {"b": {}}}}}},
        {"$jsonSchema": {"properties": {"a": {"enum": [1, "a", None]}}}}, {"$jsonSchema": {"properties": {"a": {"not": {"type": "string"}}}}},
        {"$jsonSchema": {"properties": {"a": {"pattern": "^a", "minLength": 2}}}}, {"$jsonSchema": {"anyOf": [{"required": ["a"]}, {"required": ["z"]}]}},
        {"$jsonSchema": {"properties": {"a": {"multipleOf": 2}}}}, {"$jsonSchema": {"maxProperties": 1}}, {"$jsonSchema": {"minProperties": 2}},
        {"$jsonSchema": {"patternProperties": {"^a": {"bsonType": "string"}}}}, {"$jsonSchema": {"oneOf": [{"required": ["a"]}, {"properties": {"a": {"type": "string"}}}]}},
        {"$jsonSchema": {"properties": {"a": {"minimum": 1, "exclusiveMinimum": True}}}}, {"$jsonSchema": {"dependencies": {"a": ["z"]}}},
        {"$jsonSchema": {"properties": {"a": {"items": [{"bsonType": "int"}, {"bsonType": "int"}], "additionalItems": False}}}},
        {"$jsonSchema": {"properties": {"a": {"maximum": 1, "exclusiveMaximum": True}}}}, {"$jsonSchema": {"allOf": [{"required": ["a"]}]}},
    ]
    patterns = [
        "^abc$", "b", "^A", "[a-c]+$", "[^a]", "\\d", "\\w+", "\\s", "a|é", "^.$", "^..$", "(?i)ABC", "(a)(b)?\\1?c?", "a.c", "a{2}", "^(?=a)", "(?!a)",
        "\\babc\\b", "\\Aa", "c\\z", "[[:alpha:]]", "\\x61", "a+?b", "(?:ab)+c", "(?<n>a)b", "\\p{L}", "\\p{Lu}", "^$", "é", "É", "[é]", "\\u0061",
        "a**", "(?", "[", "a)", "\\", "(?<=a)b", "(?<!a)b", "a++b", "(?>a)b", "[\\d-x]", "[a-\\d]", "{", "a{,2}", "\\Qa.b\\E", "(?#c)a", "[]a]", "[^]a]", "\\h",
        "\\R", "$", "^", "x*", "(a|ab)(c|bcd)", "\\1", "(?x) a b c", "(?P<x>a)(?P=x)?", "[z-a]", "a{2,1}", "*", "+a", "(?i:A)b", "(?-i)A", "\\Z", "\\e", "\\cA", "\\0",
        "(?m)^b", "^b", "c$", "(?s)a.b", "\\N", "\\X", "\\K", "a\\Kb", "(?(1)a|b)", "(?|a|b)", "\\g1", "\\k<n>", "(?R)?", "[[:foo:]]", "[[:^alpha:]]", "\\N{1}", "\\L", "\\v",
    ]
    col2 = db.pattern
    col2.drop()
    strings = ["", "a", "abc", "ABC", "é", "É", "a\nb", "a\rb", "abc\n", "a.b", "aab", "aaab", "1 2", "xabcx", "a]", "-", "_", "{", "a{2}", "a{,2}", "ab\ncd", "\\", "x.y", "日本", "ß", "ſ", "K", "\x1b", "\x01", "\x00", "a b c", " ", "\u00a0", "aa"]
    col2.insert_many([{"_id": i, "s": s} for i, s in enumerate(strings)])
    pattern_cases = []
    for pattern in patterns:
        for flags in ["", "i", "m", "s", "x", "im"]:
            pattern_cases.append(ask(col2, SON([("s", SON([("$regex", pattern), ("$options", flags)]))])))
    cases = [ask(col, f) for f in filters]
    return {"documents": documents, "strings": strings}, [c for c in cases if c] + [SON(list(c.items()) + [("on", "strings")]) for c in pattern_cases]


def ask(col, query):
    try:
        ids = sorted(d["_id"] for d in col.find(query, {"_id": 1}))
        return SON([("filter", query), ("ids", ids)])
    except OperationFailure as error:
        return SON([("filter", query), ("error", error.code)])


SUBJECTS = [
    SON([("_id", 1)]),
    SON([("_id", 1), ("a", 1), ("b", Int64(5)), ("c", 2.5), ("d", Decimal128("1.20")), ("s", "text"), ("n", None), ("t", True)]),
    SON([("_id", 1), ("a", [1, 2, 3]), ("b", [{"x": 1, "y": 1}, {"x": 2, "y": 2}, {"x": 3}]), ("c", {"d": {"e": 1}, "f": [5, 4, 6]}), ("g", []), ("h", [[1, 2], [3]])]),
    SON([("_id", 1), ("a", {"b": 1, "a": 2}), ("b", "x"), ("c", {}), ("d", [1, "x", None, {"k": 1}, {"k": 2, "j": 1}, 2.0, Int64(1)]), ("z", 2147483647), ("y", Int64(2**63 - 1))]),
]


def update_cases(db):
    col = db.update
    operands = {
        "$set": [1, "x", None, {"q": 1}, [1], {}, {"$x": 1}, 1.0, Int64(1), {"a.b": 1}],
        "$unset": [1, ""],
        "$inc": [1, -1, 0, 1.5, Int64(1), Decimal128("0.10"), 2147483647, Int64(2**63 - 1), "x", None, [1], NAN],
        "$mul": [2, 0, 1.5, Int64(2), Decimal128("2.0"), 2147483647, "x"],
        "$min": [0, 5, "a", None, [0], {"b": 0}, Decimal128("1")],
        "$max": [0, 5, "z", None, [9], {"b": 9}, MaxKey()],
        "$push": [1, [1, 2], {"x": 9}, {"$each": [7, 8]}, {"$each": [7], "$position": 0}, {"$each": [7], "$position": -1}, {"$each": [0], "$sort": 1},
                  {"$each": [0], "$sort": -1, "$slice": 2}, {"$each": [9], "$slice": -2}, {"$each": [], "$slice": 0}, {"$each": [{"x": 0}], "$sort": {"x": 1}},
                  {"$each": [{"x": 0, "y": 5}], "$sort": {"y": -1, "x": 1}}, {"$each": 5}, {"$each": [1], "$bogus": 1}, {"$each": [1], "$slice": "x"},
                  {"$each": [1], "$sort": 2}, {"$each": [1], "$sort": {}}, {"$each": [1], "$position": 1.5}, {"$slice": 1}, {"$each": [1], "$sort": {"x": 5}}, {"$each": [1], "$sort": "x"},
                  {"$each": [[0]], "$sort": 1}, {"$each": [1], "$slice": 1.0}, {"$each": [1], "$position": 100}],
        "$addToSet": [1, 1.0, [1, 2], {"x": 1, "y": 1}, {"y": 1, "x": 1}, {"$each": [1, 9, 9]}, {"$each": 5}, {"$each": [1], "$bogus": 1}, None, {"$bogus": 1}],
        "$pull": [1, {"$gte": 2}, {"x": 1}, {"x": {"$gte": 2}}, "x", None, [1, 2], {"$in": [1, "x"]}, {}, Regex("^x"), {"k": 1}, {"$elemMatch": {"$gt": 1}}, {"$or": [{"x": 1}, {"k": 2}]},
                  {"x": 1, "y": 1}, {"$bogus": 1}, {"$not": {"$gt": 1}}, {"$eq": 1}, {"$exists": True}, {"x": {"$exists": False}}],
        "$pullAll": [[1], [1, 2.0], [], 5, [{"x": 1, "y": 1}], [{"y": 1, "x": 1}], [None, "x"], [[1, 2]]],
        "$pop": [1, -1, 0, 2, "x", 1.0, Int64(-1), True],
        "$bit": [{"and": 1}, {"or": 4}, {"xor": Int64(3)}, {"and": 1, "or": 2}, {"bogus": 1}, {"and": 1.5}, 5, {}, {"or": "x"}],
        "$rename": ["r", "a", "c.r", "b.r", "", "n.r", 5, "c.d.e", "x.$.y", "_id", "d.0"],
        "$setOnInsert": [1],
        "$currentDate": ["x", {"$type": "bogus"}, 5, {"$bogus": 1}, {"$type": 5}],
    }
    paths = ["a", "b", "c", "d", "s", "n", "new", "a.b", "c.d.e", "c.f", "a.0", "a.5", "b.0.x", "b.x", "g", "h.0", "h", "s.x", "a.x", "z", "y", "_id", "t", "new.x.y", "c.d", "", "a.", ".a", "a..b", "$a", "a.$b", "b.1"]
    cases = []
    seen = set()
    for index, subject in enumerate(SUBJECTS):
        for op, values in operands.items():
            for path in paths:
                for value in values:
                    # Odd paths need one operator and one subject to be tried.
                    if path in ("", "a.", ".a", "a..b", "$a", "a.$b") and (index or op not in ("$set", "$inc")):
                        continue
                    case = change(col, index, subject, {}, SON([(op, SON([(path, value)]))]))
                    # One of each kind of refusal by a path is enough.
                    if "error" in case:
                        key = (op, text(value), index, case["error"])
                        if key in seen:
                            continue
                        seen.add(key)
                    elif case.get("same"):
                        key = (op, index, "same", path)
                        if key in seen:
                            continue
                        seen.add(key)
                    cases.append(case)
    extra = [
        ({}, SON([("$set", SON([("z", 1), ("b", 2), ("a", 3)]))]), None),
        ({}, SON([("$set", SON([("q.10", 1), ("q.9", 2), ("q.a", 3)]))]), None),
        ({}, SON([("$set", {"k1": 1}), ("$inc", {"k0": 1}), ("$push", {"k3": 1}), ("$unset", {"a": 1})]), None),
        ({}, {"$set": {"a": 1}, "$inc": {"a": 1}}, None), ({}, {"$set": {"a": 1, "a.b": 1}}, None), ({}, {"$set": {"a.b": 1}, "$unset": {"a": 1}}, None),
        ({}, {"$set": {"a.b": 1, "a.c": 2}}, None), ({}, {"$rename": {"a": "q"}, "$set": {"q": 1}}, None), ({}, {"$rename": {"a": "b"}, "$set": {"a": 1}}, None),
        ({}, {"$bogus": {"a": 1}}, None), ({}, {"$set": 5}, None), ({}, {"$set": {}}, None), ({}, {"$inc": {}}, None),
        ({"a": 2}, {"$set": {"a.$": 9}}, None), ({"a": 2}, {"$inc": {"a.$": 1}}, None), ({"b.x": 2}, {"$set": {"b.$.y": 9}}, None), ({"b": {"$elemMatch": {"x": 3}}}, {"$set": {"b.$.y": 9}}, None),
        ({"a": {"$gt": 1}}, {"$unset": {"a.$": 1}}, None), ({"a": 99}, {"$set": {"a.$": 1}}, None), ({}, {"$set": {"a.$": 1}}, None), ({"b.x": {"$gt": 1}, "b.y": 2}, {"$set": {"b.$": 0}}, None),
        ({"a": 2, "c.f": 4}, {"$set": {"c.f.$": 0}}, None), ({"c.f": 4}, {"$push": {"c.f.$": 0}}, None), ({"$or": [{"a": 2}]}, {"$set": {"a.$": 0}}, None), ({"$and": [{"a": 2}]}, {"$set": {"a.$": 0}}, None),
        ({"a": 2}, {"$set": {"a.$.$": 0}}, None), ({"a": 2}, {"$set": {"$": 0}}, None), ({"a": 2}, {"$set": {"a.$": 0, "a.1": 1}}, None), ({"h.0": 1}, {"$set": {"h.$": 0}}, None), ({"h": {"$elemMatch": {"$elemMatch": {"$eq": 3}}}}, {"$set": {"h.$": 0}}, None),
        ({"a": {"$not": {"$eq": 99}}}, {"$set": {"a.$": 0}}, None), ({"a": {"$in": [3]}}, {"$set": {"a.$": 0}}, None), ({"a": {"$all": [2, 3]}}, {"$set": {"a.$": 0}}, None), ({"a.1": 2}, {"$set": {"a.$": 0}}, None),
        ({}, {"$set": {"a.$[]": 0}}, None), ({}, {"$inc": {"b.$[].x": 1}}, None), ({}, {"$set": {"h.$[].$[]": 0}}, None), ({}, {"$set": {"q.$[]": 0}}, None), ({}, {"$set": {"s.$[]": 0}}, None), ({}, {"$set": {"g.$[]": 0}}, None),
        ({}, {"$set": {"a.$[e]": 0}}, [{"e": {"$gte": 2}}]), ({}, {"$set": {"b.$[e].y": 0}}, [{"e.x": {"$gte": 2}}]), ({}, {"$set": {"b.$[e].y": 0}}, [{"e.x": 2, "e.y": 2}]), ({}, {"$set": {"a.$[e]": 0}}, []),
        ({}, {"$set": {"a.$[e]": 0}}, None), ({}, {"$set": {"a": 0}}, [{"e": 1}]), ({}, {"$set": {"a.$[e]": 0}}, [{"e": 1}, {"e": 2}]), ({}, {"$set": {"a.$[e]": 0}}, [{"E": 1}]), ({}, {"$set": {"a.$[E]": 0}}, [{"E": 1}]),
        ({}, {"$set": {"a.$[e]": 0}}, [{}]), ({}, {"$set": {"a.$[e]": 0}}, [{"e": 1, "f": 1}]), ({}, {"$set": {"a.$[e]": 0, "a.$[f]": 5}}, [{"e": 1}, {"f": 2}]), ({}, {"$set": {"a.$[e]": 0, "a.$[f]": 5}}, [{"e": 1}, {"f": {"$lte": 2}}]),
        ({}, {"$set": {"h.$[e].$[f]": 0}}, [{"e": {"$size": 2}}, {"f": {"$gt": 1}}]), ({}, {"$unset": {"a.$[e]": 1}}, [{"e": 2}]), ({}, {"$push": {"h.$[e]": 0}}, [{"e": 3}]), ({}, {"$set": {"a.$[e]": 0}}, [{"$or": [{"e": 1}, {"e": 3}]}]),
        ({}, {"$set": {"a.$[e].x": 0}}, [{"e": 1}]), ({}, {"$set": {"b.$[e]": 0, "b.1": 1}}, [{"e.x": 1}]), ({}, {"$mul": {"c.f.$[e]": 2}}, [{"e": {"$in": [4, 6]}}]), ({}, {"$pull": {"h.$[]": 1}}, None),
        ({}, {"$currentDate": {"_id": True}}, None), ({}, {"$set": {"_id": 1}}, None), ({}, {"$set": {"_id": 1.0}}, None), ({}, {"$set": {"_id.x": 1}}, None), ({}, {"$set": {"b.-1": 1}}, None), ({}, {"$set": {"a.01": 1}}, None),
        ({}, {"$set": {"a.2000000": 1}}, None), ({}, {"$unset": {"a.1": 1, "b.0.x": 1, "b.9.x": 1}}, None), ({}, {"$set": {"b.5.x": 1}}, None), ({}, {"$set": {"g.0.x": 1}}, None), ({}, {"$push": {"g": {"$each": []}}}, None), ({}, {"$push": {"fresh": {"$each": []}}}, None),
        ({}, {"$addToSet": {"fresh": {"$each": []}}}, None), ({}, {"$setOnInsert": {"a": 5, "new": 1}}, None), ({}, {"$bit": {"new.x": {"or": 5}}}, None),
    ]
    replacements = [{}, {"x": 1}, {"_id": 1, "x": 1}, {"x": 1, "_id": 1}, {"_id": 2}, {"x": {"$y": 1}}, {"_id": 1.0, "x": 1}, {"a.b": 1}]
    pipelines = [
        [{"$set": {"x": 1}}], [{"$set": {"x": "$a"}}], [{"$set": {"a.q": 5}}], [{"$set": {"b.x": 7}}], [{"$addFields": {"c": {"d": 5}}}], [{"$unset": "a"}], [{"$unset": ["a", "c.d"]}], [{"$project": {"a": 1}}], [{"$project": {"a": 0}}],
        [{"$replaceWith": {"q": 1}}], [{"$replaceRoot": {"newRoot": "$c"}}], [{"$replaceWith": "$s"}], [{"$match": {}}], [{"$bogus": 1}], [], [{"$set": {"x": "$$NOW"}}, {"$unset": "x"}], [{"$set": {"x": "$missing"}}], [{"$set": {"x": ["$a", "$missing"]}}],
        [{"$set": {"_id": 5}}], [{"$replaceWith": {"_id": 5}}], [{"$set": {"x": {}}}], [{"$set": {"x": []}}], [{"$set": {"a": "$$REMOVE"}}], [{"$set": {"x": {"$add": ["$a", 1]}}}], [{"$set": 5}], [{}], [{"$set": {"x": 1}, "$unset": "a"}], [{"$set": {}}],
        [{"$set": {"x": {"y": "$a", "z": {"$literal": 1}}}}], [{"$set": {"b": {"$map": {"input": "$b", "as": "i", "in": "$$i.x"}}}}], [{"$set": {"$x": 1}}], [{"$set": {"a": {"$x": 1}}}], [{"$set": {"x": 1, "x.y": 2}}],
    ]
    for index, subject in enumerate(SUBJECTS):
        for query, update, filters in extra:
            cases.append(change(col, index, subject, query, update, filters))
        for replacement in replacements:
            cases.append(change(col, index, subject, {}, replacement, kind="replacement"))
        for pipeline in pipelines:
            cases.append(change(col, index, subject, {}, pipeline, kind="pipeline"))
    cases = [c for c in cases if c is not None]
    return {"subjects": SUBJECTS}, cases + upsert_cases(col)


def change(col, index, subject, query, update, filters=None, kind="operators"):
    col.delete_many({})
    col.insert_one(subject)
    case = SON([("subject", index), (kind, update)])
    if query:
        case["filter"] = query
    if filters is not None:
        case["arrayFilters"] = filters
    statement = SON([("q", SON([("_id", 1)] + list(query.items()))), ("u", update)])
    if filters is not None:
        statement["arrayFilters"] = filters
    try:
        answer = col.database.command(SON([("update", col.name), ("updates", [statement])]))
    except OperationFailure as error:
        case["error"] = error.code
        return case
    if "writeErrors" in answer:
        case["error"] = answer["writeErrors"][0]["code"]
        return case
    if answer["n"] == 0:
        return None
    after = col.find_one({})
    case["modified"] = answer["nModified"]
    if encode(after) == encode(subject):
        case["same"] = True
    else:
        case["after"] = after
    return case


def upsert_cases(col):
    filters = [
        {}, {"_id": 5}, SON([("b", 1), ("a", 2)]), {"a": {"$eq": 1}}, {"a": {"$gt": 1}}, {"a.b": 1}, {"a": {"b": 1}}, {"$and": [{"a": 1}, {"b": 2}]}, {"$and": [{"a": 1}, {"a": 1}]}, {"$or": [{"a": 1}]}, {"$or": [{"a": 1}, {"b": 1}]}, {"a": {"$in": [1]}},
        {"a": {"$in": [1, 2]}}, {"a": {"$all": [1]}}, {"a": {"$all": [1, 2]}}, {"a": Regex("x")}, {"a": {"$elemMatch": {"b": 1}}}, {"a": {"$not": {"$eq": 1}}}, {"$nor": [{"a": 1}]}, SON([("a", {"b": 1}), ("a.b", 2)]), {"a.0": 1}, {"_id": {"$gt": 5}},
        {"a": None}, {"a": [1, 2]}, {"a": {"$eq": {"$x": 1}}}, {"_id": {"x": 1}}, {"_id.x": 1}, {"a": {"$exists": True}}, {"$expr": {"$eq": ["$a", 1]}}, {"a": {"$eq": 1, "$gt": 0}}, {"a": {"$eq": Regex("x")}}, SON([("z", 1), ("_id", 3), ("c", 4)]), {"a.b.c": 1, "a.b.d": 2},
        {"a": {"$type": 1}}, {"a": 1, "$comment": "x"}, {"$and": [{"$or": [{"a": 5}]}]}, {"a": {"$size": 0}}, {"a": {"$eq": None}}, {"a.b": {"$eq": [1]}},
    ]
    updates = [
        ("operators", {"$set": {"q": 1}}), ("operators", {"$set": {"a": 9}}), ("operators", {"$setOnInsert": {"q": 1, "_id": 7}}), ("operators", {"$inc": {"a": 1}}), ("operators", {"$push": {"a": 1}}), ("operators", {"$unset": {"a": 1}}),
        ("operators", {"$set": {"a.b": 3}}), ("replacement", {"q": 1}), ("replacement", {"_id": 5, "q": 1}), ("replacement", {}), ("pipeline", [{"$set": {"q": "$a"}}]), ("pipeline", [{"$replaceWith": {"only": 1}}]), ("operators", {"$set": {"_id": 5}}), ("operators", {"$set": {"z1": 1, "_id": 6}}),
    ]
    cases = []
    for query in filters:
        for kind, update in updates:
            col.delete_many({})
            case = SON([("upsert", query), (kind, update)])
            try:
                answer = col.database.command(SON([("update", col.name), ("updates", [SON([("q", query), ("u", update), ("upsert", True)])])]))
            except OperationFailure as error:
                case["error"] = error.code
                cases.append(case)
                continue
            if "writeErrors" in answer:
                case["error"] = answer["writeErrors"][0]["code"]
            else:
                after = col.find_one({})
                if isinstance(after.get("_id"), ObjectId):
                    after["_id"] = "new"
                case["after"] = after
            cases.append(case)
    return cases


def project_cases(db):
    col = db.project
    col.drop()
    documents = [
        SON([("_id", 1), ("a", 1), ("b", {"c": 1, "d": {"e": 2, "f": 3}}), ("g", [1, 2, 3, 4]), ("h", [{"x": 1, "y": 2}, {"x": 3, "y": 4}, 5, [{"x": 6, "y": 7}]]), ("s", "text")]),
        SON([("_id", 2), ("b", [{"c": 1}, {"c": 2, "d": 3}]), ("a", {"b": [1, {"c": 2}]}), ("g", []), ("h", [])]),
        SON([("_id", 3)]),
        SON([("_id", 4), ("g", 5), ("h", {"x": [1, 2, {"y": 3}]}), ("b", 7), ("a", None)]),
    ]
    col.insert_many(documents)
    projections = [
        {}, {"a": 1}, {"a": 0}, {"_id": 0}, {"_id": 1}, {"a": 1, "_id": 0}, {"a": 0, "_id": 0}, {"a": 0, "_id": 1}, SON([("s", 1), ("a", 1)]), SON([("a", 1), ("b", 0)]), SON([("a", 0), ("b", 1)]), {"b.c": 1}, {"b.c": 0}, {"b": {"c": 1}}, {"b": {"c": 0}}, {"b": {}},
        {"b.d.e": 1}, {"b.d.e": 0}, SON([("b.c", 1), ("b.d.f", 1)]), SON([("b", 1), ("b.c", 1)]), SON([("b.c", 1), ("b", 1)]), {"h.x": 1}, {"h.x": 0}, {"a.b.c": 1}, {"a.b.c": 0}, {"g": {"$slice": 2}}, {"g": {"$slice": -2}}, {"g": {"$slice": [1, 2]}}, {"g": {"$slice": [-3, 2]}}, {"g": {"$slice": 0}},
        {"g": {"$slice": [1, 0]}}, {"g": {"$slice": [1, -1]}}, {"g": {"$slice": "x"}}, {"g": {"$slice": [1]}}, {"g": {"$slice": [1, 2, 3]}}, {"g": {"$slice": 1.5}}, SON([("g", {"$slice": 1}), ("a", 1)]), SON([("a", 1), ("g", {"$slice": 1})]), SON([("g", {"$slice": 1}), ("a", 0)]), {"h.x": {"$slice": 1}}, {"b.c": {"$slice": 1}},
        {"h": {"$elemMatch": {"x": 3}}}, {"g": {"$elemMatch": {"$gt": 2}}}, SON([("h", {"$elemMatch": {"x": 3}}), ("a", 1)]), SON([("a", 1), ("h", {"$elemMatch": {"x": 3}})]), SON([("h", {"$elemMatch": {"x": 3}}), ("a", 0)]), {"b.h": {"$elemMatch": {"x": 1}}}, {"h": {"$elemMatch": 5}}, {"h": {"$elemMatch": {"$bogus": 1}}},
        {"h": {"$elemMatch": {}}}, {"g.$": 1}, {"x": "$a"}, {"x": "lit"}, {"x": {"$add": ["$a", 1]}}, SON([("x", "$a"), ("s", 1)]), SON([("x", "$a"), ("s", 0)]), {"a": "$s"}, {"b.c": "$a"}, {"b.z": "$a"}, SON([("s", 1), ("b.z", "$a")]), {"h.z": "$a"}, {"x": None}, {"x": [1, "$a"]}, {"x": {"y": "$a"}}, {"x": {"y": 1}}, {"x": {"$literal": 1}},
        {"x": {"$bogus": 1}}, {"$x": 1}, {"x.": 1}, {".x": 1}, {"": 1}, {"a": "1"}, {"a": 1.5}, {"a": -1}, {"a": 0.0}, {"a": Int64(0)}, {"a": True}, {"a": False}, {"a": Decimal128("0")}, {"a": 1, "q": {"$meta": "bogus"}}, {"_id": "$a"}, {"_id": {"x": "$a"}}, {"_id.x": 1}, {"_id.x": 0}, SON([("_id.x", 1), ("a", 0)]),
        SON([("a", 1), ("g", {"$slice": 1}), ("h", {"$elemMatch": {"x": 1}})]), {"b.$": 1, "g.$": 1}, {"g.$": 0}, SON([("g.$", 1), ("h", {"$elemMatch": {"x": 1}})]), {"g": {"$slice": ["$g", 1]}}, {"g": {"$slice": ["$g", 1, 2]}}, {"x": oid(1)}, {"x": date("2020-01-01T00:00:00")}, {"b": {"c": 1, "$x": 1}}, {"b": {"c": {"d": 1}}}, {"b": {"c": "$a", "q": 1}},
        SON([("h.x", 1), ("h.z", {"$add": [1, 1]})]), {"a": {"$cond": [True, 1, 2]}}, {"b": "$$REMOVE"}, {"x": "$$ROOT.a"}, SON([("_id", 0), ("x", "$a")]), SON([("_id", 0), ("a", 1), ("b", 0)]), SON([("_id", 1), ("a", 0)]), SON([("a", 0), ("x", {"$literal": 1})]), SON([("a.b", 1), ("a", {"c": 1})]), {"a": {"b": 1, "c": 0}},
    ]
    cases = []
    for projection in projections:
        for query in [{}, {"g": 3}, {"h.x": 3}]:
            if query and ".$" not in text(projection):
                continue
            case = SON([("projection", projection)])
            if query:
                case["filter"] = query
            try:
                case["result"] = list(col.find(query, projection, sort=[("_id", 1)]))
            except OperationFailure as error:
                case["error"] = error.code
            cases.append(case)
    for query, projection in [
        ({"h": {"$elemMatch": {"x": 3}}}, {"h.$": 1}), ({"b.c": 2}, {"b.$": 1}), ({"b.c": 2}, {"b.c.$": 1}), ({"b.c": 2, "g": []}, {"b.$": 1}), ({"a.b.c": 2}, {"a.b.$": 1}), ({"g": {"$gt": 1}}, SON([("a", 1), ("g.$", 1)])), ({"a": 1}, {"g.$": 1}),
        ({"g": {"$in": [4, 2]}}, {"g.$": 1, "_id": 0}), ({"h.x": 1, "g": 2}, {"h.$": 1}), ({"g": 2, "h.x": 3}, {"g.$": 1}),
    ]:
        case = SON([("projection", projection), ("filter", query)])
        try:
            case["result"] = list(col.find(query, projection, sort=[("_id", 1)]))
        except OperationFailure as error:
            case["error"] = error.code
        cases.append(case)
    return {"documents": documents}, cases


def sort_cases(db):
    col = db.sort
    col.drop()
    documents = [SON([("_id", 0)])] + [SON([("_id", i + 1), ("a", v), ("k", i % 3)]) for i, v in enumerate(VALUES)]
    documents += [
        SON([("_id", 200), ("p", [{"x": 1, "y": 5}, {"x": 1, "y": 3}, {"x": 0, "y": 9}])]), SON([("_id", 201), ("p", [{"x": 1, "y": 4}])]), SON([("_id", 202), ("p", {"x": [3, 1], "y": 2})]), SON([("_id", 203), ("p", [])]), SON([("_id", 204), ("p", [{"y": 1}, {"x": 2}])]),
        SON([("_id", 205), ("p", [[{"x": 7}]])]), SON([("_id", 206), ("p", [1, 2])]), SON([("_id", 207), ("p", {"x": [], "y": 1})]), SON([("_id", 208), ("p", {"x": {"z": 1}})]),
    ]
    col.insert_many(documents)
    cases = []
    for keys in [["a"], ["-a"], ["k", "a"], ["-k", "-a"], ["a.b"], ["-a.b"], ["a.0"], ["-a.0"], ["a.b.c"], ["p.x"], ["-p.x"], ["p.x", "p.y"], ["-p.x", "p.y"], ["p.x", "-p.y"], ["-p.x", "-p.y"], ["p.y", "p.x"], ["p.0.x"], ["p.0"], ["a", "p"], ["p"], ["-p"], ["a.b", "k"], ["p.x.z"], ["a.0.b"], ["p.1.x"]]:
        spec = [(k.lstrip("-"), -1 if k.startswith("-") else 1) for k in keys] + [("_id", 1)]
        case = SON([("sort", SON(spec))])
        try:
            case["ids"] = [d["_id"] for d in col.find({}, {"_id": 1}, sort=spec)]
        except OperationFailure as error:
            case["error"] = error.code
        cases.append(case)
    for path in ["a", "a.b", "a.0", "a.b.c", "k", "p.x", "p", "p.0.x", "missing", "a.b.0"]:
        values = col.distinct(path)
        cases.append(SON([("distinct", path), ("values", values)]))
    words = db.words
    words.drop()
    strings = ["a", "A", "á", "Á", "b", "B", "z", "Z", "ä", "aa", "ab", "Ab", "AB", "a b", "a-b", "1", "10", "2", "a1", "a10", "a2", "é", "e", "E", "É", "ö", "o", "ß", "ss", "", " ", "_", "-", "ø", "æ", "ae", "ñ", "n", "ç", "c", "resume", "résumé", "Resume", "co-op", "coop", "CO-OP", "я", "Я", "а", "ω", "Ω", "İ", "i", "I", "$", "~", "!", ".", ",", "(", "a.", "A1", "ab1", "x02", "x2", "x10", "00", "0"]
    words.insert_many([{"_id": i, "s": s} for i, s in enumerate(strings)])
    for collation in [{"locale": "simple"}, {"locale": "en"}, {"locale": "en", "strength": 1}, {"locale": "en", "strength": 2}, {"locale": "en", "strength": 3}, {"locale": "en", "numericOrdering": True}, {"locale": "en", "caseFirst": "upper"}, {"locale": "en", "strength": 1, "caseLevel": True}, {"locale": "en", "alternate": "shifted"}, {"locale": "en", "strength": 2, "numericOrdering": True}, {"locale": "en", "strength": 9}, {}, {"locale": "en", "strength": 4, "alternate": "shifted"}]:
        case = SON([("collation", collation), ("order", None)])
        try:
            case["order"] = [d["_id"] for d in words.find({}, sort=[("s", 1), ("_id", 1)], collation=collation)]
        except (OperationFailure, TypeError, ValueError) as error:
            if not isinstance(error, OperationFailure):
                continue
            case["error"] = error.code
        cases.append(case)
        if "error" in case:
            continue
        for probe in ["a", "Á", "AB", "e", "resume", "co-op", "coop", "ss", "ae", "x2", "я", "", "o", "a1"]:
            for op in ["$eq", "$gt", "$lte"]:
                found = sorted(d["_id"] for d in words.find({"s": {op: probe}}, collation=collation))
                cases.append(SON([("collation", collation), ("op", op), ("probe", probe), ("ids", found)]))
    return {"documents": documents, "strings": strings}, cases


def main():
    url, folder = sys.argv[1:3]
    only = sys.argv[3:]
    client = MongoClient(url)
    client.drop_database("engine_cases")
    db = client.get_database("engine_cases", codec_options=OPTIONS)
    for name, make in {"find": find_cases, "update": update_cases, "project": project_cases, "sort": sort_cases}.items():
        if only and name not in only:
            continue
        head, cases = make(db)
        save(folder, name, head, cases)
    client.drop_database("engine_cases")


main()
