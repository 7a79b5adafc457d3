"""Records what a MongoDB server answers, for the tests of the document engine.

usage: record_engine_cases.py MONGODB_URL FOLDER        (needs pymongo; the database engine_cases is dropped)

Writes find.json, update.json, project.json, sort.json, expression.json and pipeline.json, one
case per line, in
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
from bson.errors import InvalidBSON
from pymongo import MongoClient
from pymongo.errors import OperationFailure, WriteError

OPTIONS = CodecOptions(document_class=SON, tz_aware=True, datetime_conversion=DatetimeConversion.DATETIME_AUTO)
JSON_OPTIONS = json_util.CANONICAL_JSON_OPTIONS.with_options(
    datetime_representation=json_util.DatetimeRepresentation.NUMBERLONG, document_class=SON)


def text(value):
    result = json_util.dumps(value, json_options=JSON_OPTIONS, separators=(",", ":"), ensure_ascii=False)
    # Plain numbers mean the same and are shorter.
    result = re.sub(r'\{"\$numberInt":"(-?\d+)"\}', r"\1", result)
    return re.sub(r'\{"\$numberDouble":"(-?\d+\.\d*[1-9]\d*)"\}', r"\1", result)


def save(folder, name, head, cases, every=1):
    # Of the many that worked alike, one of so many is kept.
    cases = [case for index, case in enumerate(cases) if "error" in case or index % every == 0]
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


PAIRS = [None, True, 0, 1, -3, 7, Int64(2**62), 2.5, -0.0, NAN, INF, Decimal128("1.50"), Decimal128("-2"), "", "abc", "b", [], [1, 2, 2], ["abc"], {"x": 1}, date("2020-02-29T12:30:45.678"), oid(1), 2147483647]

UNARY = ["$abs", "$ceil", "$floor", "$exp", "$ln", "$log10", "$sqrt", "$round", "$trunc", "$sin", "$cos", "$tan", "$asin", "$acos", "$atan", "$sinh", "$cosh", "$tanh", "$asinh", "$acosh", "$atanh",
         "$degreesToRadians", "$radiansToDegrees", "$not", "$isArray", "$size", "$first", "$last", "$reverseArray", "$anyElementTrue", "$allElementsTrue", "$objectToArray", "$arrayToObject", "$mergeObjects",
         "$bsonSize", "$binarySize", "$tsSecond", "$tsIncrement", "$toLower", "$toUpper", "$strLenBytes", "$strLenCP", "$type", "$isNumber", "$toBool", "$toDate", "$toDecimal", "$toDouble", "$toInt", "$toLong",
         "$toObjectId", "$toString", "$year", "$month", "$dayOfMonth", "$hour", "$minute", "$second", "$millisecond", "$dayOfYear", "$dayOfWeek", "$week", "$isoWeek", "$isoWeekYear", "$isoDayOfWeek", "$sum", "$avg", "$min",
         "$max", "$stdDevPop", "$stdDevSamp", "$concatArrays", "$setUnion", "$setIntersection", "$concat", "$add", "$multiply", "$and", "$or", "$literal", "$dateToString", "$trim"]

BINARY = ["$add", "$subtract", "$multiply", "$divide", "$mod", "$pow", "$log", "$atan2", "$eq", "$ne", "$gt", "$gte", "$lt", "$lte", "$cmp", "$and", "$or", "$ifNull", "$concat", "$concatArrays", "$in", "$arrayElemAt", "$indexOfArray",
          "$indexOfCP", "$indexOfBytes", "$slice", "$range", "$setUnion", "$setIntersection", "$setDifference", "$setEquals", "$setIsSubset", "$split", "$strcasecmp", "$min", "$max", "$sum", "$avg", "$round", "$trunc", "$mergeObjects"]

EXPRESSIONS = [
    "$a", "$b.c", "$list.k", "$list.k.x", "$nested.a", "$matrix", "$missing", "$$ROOT.a", "$$CURRENT.b.c", "$$REMOVE", "$$nope", "$", "$$", "$a.", "$a..b", "$.a", "$b.$c", 5, None, "text", {"x": "$a", "y": {"z": "$missing"}}, ["$a", "$missing", 1],
    {}, [], {"$literal": "$a"}, {"$bogus": 1}, {"$add": 1, "$subtract": 2}, {"a": 1, "$add": [1]}, {"a.b": 1}, {"$add": []}, {"$multiply": []}, {"$subtract": [1]}, {"$divide": [1, 2, 3]}, {"$abs": [1, 2]}, {"$abs": []},
    {"$cond": [True, 1, 2]}, {"$cond": ["$missing", 1, 2]}, {"$cond": {"if": "$a", "then": "y", "else": "n"}}, {"$cond": {"if": 1, "then": 2}}, {"$cond": [1, 2]}, {"$cond": {"if": 1, "then": 2, "else": 3, "x": 1}},
    {"$ifNull": ["$missing", "x"]}, {"$ifNull": ["$missing", "$n", "$a"]}, {"$ifNull": ["$missing"]}, {"$ifNull": ["$missing", "$gone"]},
    {"$switch": {"branches": [{"case": {"$eq": ["$a", 1]}, "then": "one"}], "default": "other"}}, {"$switch": {"branches": [{"case": "$missing", "then": 1}]}}, {"$switch": {"branches": []}}, {"$switch": {"branches": [{"case": 1}]}}, {"$switch": 5}, {"$switch": {"branches": [{"case": 1, "then": 2}], "x": 1}},
    {"$let": {"vars": {"x": 1, "y": "$a"}, "in": {"$add": ["$$x", "$$y"]}}}, {"$let": {"vars": {"x": "$b"}, "in": "$$x.c"}}, {"$let": {"vars": {"X": 1}, "in": 1}}, {"$let": {"vars": {"x": 1}}}, {"$let": {"in": 1}}, {"$let": {"vars": {"x": 1, "y": "$$x"}, "in": "$$y"}},
    {"$map": {"input": "$nums", "as": "n", "in": {"$multiply": ["$$n", 2]}}}, {"$map": {"input": "$nums", "in": "$$this"}}, {"$map": {"input": "$a", "in": 1}}, {"$map": {"input": "$missing", "in": 1}}, {"$map": {"in": 1}}, {"$map": {"input": "$list", "as": "l", "in": "$$l.k"}}, {"$map": {"input": "$list", "as": "l", "in": "$$l.nope"}},
    {"$map": {"input": [1, 2], "as": "x", "in": {"$map": {"input": [10, 20], "as": "y", "in": {"$add": ["$$x", "$$y", "$a"]}}}}}, {"$map": {"input": "$nums", "as": "", "in": 1}}, {"$map": {"input": "$nums", "as": "Q", "in": 1}}, {"$map": 5}, {"$map": {"input": "$nums", "in": 1, "z": 1}},
    {"$filter": {"input": "$nums", "as": "n", "cond": {"$gt": ["$$n", 1]}}}, {"$filter": {"input": "$nums", "cond": "$$this"}}, {"$filter": {"input": "$nums", "cond": True, "limit": 2}}, {"$filter": {"input": "$nums", "cond": True, "limit": 0}}, {"$filter": {"input": "$a", "cond": True}}, {"$filter": {"input": "$n", "cond": True}}, {"$filter": {"input": "$nums"}},
    {"$reduce": {"input": "$nums", "initialValue": 0, "in": {"$add": ["$$value", "$$this"]}}}, {"$reduce": {"input": "$missing", "initialValue": 0, "in": 1}}, {"$reduce": {"input": "$a", "initialValue": 0, "in": 1}}, {"$reduce": {"input": [], "initialValue": "x", "in": 1}}, {"$reduce": {"input": [1], "initialValue": 0}},
    {"$sortArray": {"input": "$nums", "sortBy": 1}}, {"$sortArray": {"input": "$nums", "sortBy": -1}}, {"$sortArray": {"input": "$list", "sortBy": {"k": -1}}}, {"$sortArray": {"input": "$a", "sortBy": 1}}, {"$sortArray": {"input": "$missing", "sortBy": 1}}, {"$sortArray": {"input": "$nums", "sortBy": 2}}, {"$sortArray": {"input": "$mixed", "sortBy": 1}},
    {"$arrayElemAt": ["$nums", -1]}, {"$arrayElemAt": ["$nums", 9]}, {"$arrayElemAt": ["$nums", 1.5]}, {"$arrayElemAt": ["$nums", "x"]}, {"$arrayElemAt": ["$a", 0]}, {"$arrayElemAt": ["$nums", Int64(2**40)]},
    {"$slice": ["$nums", 2]}, {"$slice": ["$nums", -2]}, {"$slice": ["$nums", 1, 1]}, {"$slice": ["$nums", -2, 1]}, {"$slice": ["$nums", 5, 1]}, {"$slice": ["$nums", 0, 0]}, {"$slice": ["$nums", -9, 2]}, {"$slice": ["$nums", "x"]}, {"$slice": ["$nums", 1.5]}, {"$slice": ["$nums", 1, "x"]}, {"$slice": ["$nums", 1, None]}, {"$slice": ["$nums", -9]},
    {"$range": [0, 5]}, {"$range": [0, 5, 2]}, {"$range": [5, 0, -2]}, {"$range": [0, 5, 0]}, {"$range": [0, 5.5]}, {"$range": ["x", 5]}, {"$range": [0, 3, -1]},
    {"$zip": {"inputs": ["$nums", ["x", "y"]]}}, {"$zip": {"inputs": ["$nums", ["x"]], "useLongestLength": True}}, {"$zip": {"inputs": ["$nums", ["x"]], "useLongestLength": True, "defaults": [0, "d"]}}, {"$zip": {"inputs": []}}, {"$zip": {"inputs": ["$a"]}}, {"$zip": {"inputs": ["$missing"]}}, {"$zip": {"inputs": "$nums"}}, {"$zip": {"inputs": ["$nums"], "defaults": [1]}}, {"$zip": {"inputs": ["$nums"], "x": 1}},
    {"$indexOfArray": ["$nums", 2]}, {"$indexOfArray": ["$nums", 99]}, {"$indexOfArray": ["$nums", 3, 1]}, {"$indexOfArray": ["$nums", 3, 1, 2]}, {"$indexOfArray": ["$nums", 3, -1]}, {"$indexOfArray": ["$nums", 3, "x"]}, {"$indexOfArray": ["$nums", 3, 9]}, {"$indexOfArray": ["$nums", 3, 2, 1]}, {"$in": [2, "$nums"]}, {"$in": [2, "$missing"]},
    {"$firstN": {"n": 2, "input": "$nums"}}, {"$lastN": {"n": 2, "input": "$nums"}}, {"$minN": {"n": 2, "input": "$nums"}}, {"$maxN": {"n": 2, "input": "$mixed"}}, {"$firstN": {"n": 0, "input": "$nums"}}, {"$firstN": {"n": "x", "input": "$nums"}}, {"$firstN": {"n": 1.5, "input": "$nums"}}, {"$firstN": {"n": 1, "input": "$a"}}, {"$firstN": {"n": 9, "input": "$nums"}}, {"$minN": {"n": 3, "input": "$mixed"}},
    {"$arrayToObject": [[["k", 1], ["j", 2]]]}, {"$arrayToObject": [[{"k": "x", "v": 1}]]}, {"$arrayToObject": [[["k"]]]}, {"$arrayToObject": [[[1, 2]]]}, {"$arrayToObject": [[{"k": "x"}]]}, {"$arrayToObject": [[{"k": 1, "v": 1}]]}, {"$arrayToObject": [[["k", 1], {"k": "x", "v": 1}]]}, {"$arrayToObject": [[1]]}, {"$arrayToObject": [[["k", 1], ["k", 2]]]}, {"$arrayToObject": [[{"k": "x", "w": 1}]]}, {"$arrayToObject": [[{"k": "x", "v": 1}, ["k", 1]]]},
    {"$mergeObjects": ["$b", {"z": 1}]}, {"$mergeObjects": ["$b", None, "$missing"]}, {"$mergeObjects": ["$a"]}, {"$mergeObjects": "$list"}, {"$mergeObjects": [["$b", {"q": 2}]]},
    {"$getField": "a"}, {"$getField": {"field": "c", "input": "$b"}}, {"$getField": {"field": "x", "input": "$a"}}, {"$getField": {"field": "$a", "input": "$b"}}, {"$getField": {"field": {"$concat": ["c"]}, "input": "$b"}}, {"$getField": {"field": 5, "input": "$b"}}, {"$getField": {"field": "x"}}, {"$getField": {"field": "x", "input": None}}, {"$getField": {"field": {"$literal": "$x"}, "input": {"$literal": {"$x": 5}}}}, {"$getField": "missing"},
    {"$setField": {"field": "z", "input": "$b", "value": 5}}, {"$setField": {"field": "c", "input": "$b", "value": "$$REMOVE"}}, {"$setField": {"field": "c", "input": "$a", "value": 5}}, {"$setField": {"field": "c", "input": None, "value": 5}}, {"$unsetField": {"field": "c", "input": "$b"}}, {"$setField": {"field": "c", "input": "$b"}}, {"$setField": {"field": "c.d", "input": "$b", "value": 1}},
    {"$concat": ["$s", "-", "x"]}, {"$concat": ["$s", None]}, {"$concat": ["$s", 1]}, {"$toUpper": "$uni"}, {"$toLower": "ÀB"}, {"$substr": ["$s", 1, 2]}, {"$substr": ["$s", 1, -1]}, {"$substrBytes": ["$uni", 0, 1]}, {"$substrBytes": ["$uni", 1, 1]}, {"$substrBytes": ["$s", -1, 2]}, {"$substrBytes": ["$s", 99, 2]}, {"$substrBytes": [5, 0, 1]}, {"$substrBytes": ["$s", "x", 1]}, {"$substrBytes": ["$s", 0, "x"]},
    {"$substrCP": ["$uni", 0, 2]}, {"$substrCP": ["$uni", 1, 99]}, {"$substrCP": ["$s", -1, 1]}, {"$substrCP": ["$s", 0, -1]}, {"$substrCP": ["$s", 0.5, 1]}, {"$substrCP": ["$s", "x", 1]}, {"$substrCP": ["$missing", 0, 1]}, {"$substrCP": ["$s", 0, "x"]}, {"$substrCP": ["$s", 0, 1.5]},
    {"$split": ["a-b-c", "-"]}, {"$split": ["abc", ""]}, {"$split": ["$s", "zz"]}, {"$split": ["-a-", "-"]}, {"$split": [5, "-"]}, {"$split": ["a", 5]}, {"$split": [None, "-"]},
    {"$trim": {"input": "  x \t\n"}}, {"$trim": {"input": "xxaxx", "chars": "x"}}, {"$ltrim": {"input": "  x "}}, {"$rtrim": {"input": "  x "}}, {"$trim": {"input": None}}, {"$trim": {"input": 5}}, {"$trim": {"input": "x", "chars": 5}}, {"$trim": {"chars": "x"}}, {"$trim": {"input": "x", "z": 1}}, {"$trim": {"input": "éaé", "chars": "é"}}, {"$trim": {"input": "x", "chars": None}},
    {"$indexOfCP": ["$uni", "b"]}, {"$indexOfBytes": ["$uni", "b"]}, {"$indexOfCP": ["abcabc", "c", 3]}, {"$indexOfCP": ["abcabc", "c", 0, 2]}, {"$indexOfCP": ["abc", ""]}, {"$indexOfCP": ["", ""]}, {"$indexOfBytes": ["abc", "", 3]}, {"$indexOfCP": ["abc", "", 3]}, {"$indexOfCP": ["abc", "", 4]}, {"$indexOfBytes": ["abc", "", 9]}, {"$indexOfBytes": ["abc", "c", -1]}, {"$indexOfCP": ["abc", 5]}, {"$indexOfCP": [5, "a"]}, {"$indexOfCP": [None, "a"]}, {"$indexOfBytes": ["abc", "c", 1, 9]},
    {"$regexMatch": {"input": "$s", "regex": "^he"}}, {"$regexMatch": {"input": "$s", "regex": Regex("^HE", "i")}}, {"$regexMatch": {"input": "$s", "regex": "^HE", "options": "i"}}, {"$regexMatch": {"input": None, "regex": "x"}}, {"$regexMatch": {"input": 5, "regex": "x"}}, {"$regexMatch": {"input": "x", "regex": 5}}, {"$regexMatch": {"input": "x", "regex": "("}}, {"$regexMatch": {"input": "x", "regex": "x", "options": "g"}}, {"$regexMatch": {"input": "x", "regex": "x", "options": 5}}, {"$regexMatch": {"input": "x"}}, {"$regexMatch": {"regex": "x"}}, {"$regexMatch": {"input": "x", "regex": "x", "z": 1}}, {"$regexMatch": {"input": "x", "regex": Regex("x", "i"), "options": "s"}}, {"$regexMatch": {"input": "x", "regex": None}}, {"$regexMatch": 5},
    {"$regexFind": {"input": "$uni", "regex": "b(.)?(z)?"}}, {"$regexFind": {"input": "abc", "regex": "x"}}, {"$regexFindAll": {"input": "aXbXc", "regex": "[a-c]"}}, {"$regexFindAll": {"input": "abc", "regex": ""}}, {"$regexFindAll": {"input": "éa", "regex": "x*"}}, {"$regexFindAll": {"input": None, "regex": "x"}}, {"$regexFindAll": {"input": "a1b22", "regex": "([a-z])(\\d+)"}}, {"$regexFind": {"input": None, "regex": "x"}},
    {"$replaceOne": {"input": "aXbX", "find": "X", "replacement": "-"}}, {"$replaceAll": {"input": "aXbX", "find": "X", "replacement": "-"}}, {"$replaceAll": {"input": "abc", "find": "", "replacement": "-"}}, {"$replaceOne": {"input": "abc", "find": "", "replacement": "-"}}, {"$replaceAll": {"input": None, "find": "x", "replacement": "y"}}, {"$replaceAll": {"input": 5, "find": "x", "replacement": "y"}}, {"$replaceAll": {"input": "x", "find": 5, "replacement": "y"}}, {"$replaceAll": {"input": "x", "find": "x", "replacement": 5}}, {"$replaceAll": {"input": "x", "find": "x"}}, {"$replaceAll": {"input": "x", "find": None, "replacement": 5}},
    {"$strcasecmp": ["abc", "ABC"]}, {"$strcasecmp": ["a", None]}, {"$strcasecmp": [1, 2]}, {"$toLower": None}, {"$toLower": 5}, {"$toUpper": "$d"}, {"$toLower": True}, {"$toLower": ["X"]},
    {"$round": [2.5]}, {"$round": [3.5]}, {"$round": [-2.5]}, {"$round": [2.345, 2]}, {"$round": [1234.5, -2]}, {"$round": [1250, -2]}, {"$round": [1350, -2]}, {"$round": [Decimal128("2.345"), 2]}, {"$round": [2.5, 101]}, {"$round": [2.5, 1.5]}, {"$round": ["x"]}, {"$trunc": [2.789, 2]}, {"$trunc": [-2.7]}, {"$trunc": [1299, -2]}, {"$round": [Int64(15), -1]}, {"$round": [25, -1]}, {"$round": [2.675, 2]}, {"$round": [None, 1]}, {"$round": [1.5, None]}, {"$round": [0.1 + 0.2, 20]}, {"$round": [-1.5e300, 5]},
    {"$pow": [2, 10]}, {"$pow": [2, 31]}, {"$pow": [2, 63]}, {"$pow": [Int64(2), 3]}, {"$pow": [2, -1]}, {"$pow": [0, -1]}, {"$pow": [2.5, 2]}, {"$pow": [Decimal128("1.5"), 2]}, {"$pow": [-8, 1.0 / 3]}, {"$pow": [0, 0]}, {"$pow": [-1, 3]}, {"$pow": [1, -5]}, {"$log": [8, 2]}, {"$log": [8, 1]}, {"$log": [-1, 2]}, {"$log": [0, 2]}, {"$exp": 0}, {"$ln": 0}, {"$sqrt": -1}, {"$sqrt": 16}, {"$acos": 2}, {"$sin": INF},
    {"$add": ["$d", 1000]}, {"$add": ["$d", "$d"]}, {"$add": [1, "$d", 2.6]}, {"$subtract": ["$d", 1000]}, {"$subtract": ["$d", "$d"]}, {"$subtract": [1, "$d"]}, {"$add": ["$s", 1]}, {"$add": [2147483647, 1]}, {"$add": [Int64(2**63 - 1), 1]}, {"$multiply": [Int64(2**62), 4]}, {"$add": [0.1, 0.2]}, {"$divide": [7, 2]}, {"$divide": [6, 2]}, {"$divide": [Decimal128("1"), 3]}, {"$divide": [1, 0]}, {"$mod": [7, 0]}, {"$mod": [-7, 3]}, {"$mod": [7.5, 2]}, {"$mod": [Decimal128("7.5"), 2]}, {"$mod": [Int64(7), 4]}, {"$subtract": [Int64(-2**63), 1]}, {"$abs": Int64(-2**63)}, {"$add": [Decimal128("0.1"), 0.2]}, {"$multiply": [Decimal128("1.10"), 2]},
    {"$sum": ["$nums"]}, {"$sum": "$nums"}, {"$sum": ["$a", 2, "x"]}, {"$avg": "$nums"}, {"$avg": ["$a", 2]}, {"$avg": "$missing"}, {"$min": "$nums"}, {"$max": ["$a", 9]}, {"$max": "$mixed"}, {"$stdDevPop": "$nums"}, {"$stdDevSamp": "$nums"}, {"$stdDevSamp": [1]}, {"$sum": [0.1, 0.2, 0.3]}, {"$sum": [2147483647, 1]}, {"$sum": [Int64(2**63 - 1), 1]}, {"$sum": [Decimal128("1.1"), 2.2]}, {"$avg": [Decimal128("1"), 2]},
    {"$setUnion": [[3, 1, 1], [2.0, 2]]}, {"$setIntersection": [[3, 1, 1], [1.0, 3]]}, {"$setDifference": [[3, 1, 1, 2], [2]]}, {"$setEquals": [[1, 2], [2, 1, 1]]}, {"$setEquals": [[1]]}, {"$setIsSubset": [[1], [1, 2]]}, {"$setUnion": [["b", "a"], None]}, {"$setUnion": ["x"]}, {"$setIsSubset": [None, [1]]}, {"$anyElementTrue": [[0, None]]}, {"$allElementsTrue": [[]]}, {"$anyElementTrue": [None]},
    {"$convert": {"input": "5", "to": "int"}}, {"$convert": {"input": "x", "to": "int", "onError": "bad"}}, {"$convert": {"input": None, "to": "int", "onNull": "null"}}, {"$convert": {"input": "x", "to": "int"}}, {"$convert": {"input": 5, "to": "bogus"}}, {"$convert": {"input": 5, "to": 16}}, {"$convert": {"input": 5.7, "to": 18}}, {"$convert": {"input": 5, "to": 99}}, {"$convert": {"input": 5, "to": None}}, {"$convert": {"input": 5}}, {"$convert": {"input": 5, "to": "int", "z": 1}}, {"$convert": {"input": "$missing", "to": "int"}}, {"$convert": {"input": [1], "to": "string"}}, {"$convert": {"input": [1], "to": "bool"}}, {"$convert": {"input": 5, "to": True}}, {"$convert": {"input": 5, "to": 1.5}}, {"$convert": {"input": "abc", "to": "object"}},
    {"$toInt": "5.5"}, {"$toInt": " 5"}, {"$toInt": "+5"}, {"$toInt": 2**31}, {"$toInt": 1.9}, {"$toInt": -1.9}, {"$toInt": NAN}, {"$toLong": "9223372036854775808"}, {"$toDouble": "1e3"}, {"$toDouble": "x"}, {"$toDouble": "NaN"}, {"$toDouble": "0x10"}, {"$toDouble": "inf"}, {"$toDecimal": "1.50"}, {"$toDecimal": 0.1}, {"$toDecimal": "x"}, {"$toString": 1.0}, {"$toString": 999999.9}, {"$toString": 1234567.0}, {"$toString": 0.000123456789}, {"$toString": -2.5e-10}, {"$toString": 12.0}, {"$toString": 0.1}, {"$toString": 1e21}, {"$toString": 1e-7}, {"$toString": 123456789.123}, {"$toString": Decimal128("1E+3")}, {"$toString": 1.5e300}, {"$toString": -0.0}, {"$toString": 100000.0}, {"$toString": 1e15}, {"$toString": 1e16}, {"$toString": 1e17}, {"$toString": 0.0001}, {"$toString": 0.00001}, {"$toString": 1.1e16}, {"$toString": 3.14159265358979},
    {"$toString": "$d"}, {"$toString": oid(5)}, {"$toString": [1]}, {"$toString": INF}, {"$toDate": "2020-01-01"}, {"$toDate": "2020-01-01T10:00:00Z"}, {"$toDate": "2020-01-01T10:00:00+02:00"}, {"$toDate": 1.5}, {"$toDate": Int64(5)}, {"$toDate": 5}, {"$toDate": "nope"}, {"$toDate": oid(5)}, {"$toDate": Timestamp(100, 1)}, {"$toDate": Decimal128("12.7")}, {"$toDate": "2020-13-01"}, {"$toDate": "2020-01-01T10:00"}, {"$toDate": "2020-01-01 10:00:00"}, {"$toDate": True}, {"$toObjectId": "60a000000000000000000001"}, {"$toObjectId": "x"}, {"$toBool": "false"}, {"$toBool": 0.0}, {"$toBool": Decimal128("0")},
    {"$year": "$d"}, {"$year": {"date": "$d", "timezone": "+02:00"}}, {"$hour": {"date": "$d", "timezone": "America/New_York"}}, {"$hour": {"date": "$d", "timezone": "Nowhere/City"}}, {"$hour": {"date": "$d", "timezone": 5}}, {"$hour": {"date": "$d", "timezone": None}}, {"$hour": {"timezone": "UTC"}}, {"$hour": {"date": "$d", "z": 1}}, {"$hour": ["$d"]}, {"$hour": ["$d", "$d"]}, {"$dayOfMonth": {"date": "$d", "timezone": "-1230"}}, {"$minute": {"date": "$d", "timezone": "Asia/Kolkata"}},
    {"$dateToString": {"date": "$d"}}, {"$dateToString": {"date": "$d", "format": "%Y/%m/%d %H:%M:%S.%L %j %u %U %V %G %w %% %z %Z"}}, {"$dateToString": {"date": "$d", "timezone": "Europe/Berlin"}}, {"$dateToString": {"date": "$d", "format": "%z %Z", "timezone": "Europe/Berlin"}}, {"$dateToString": {"date": "$d", "format": "%z", "timezone": "-03:30"}}, {"$dateToString": {"date": None}}, {"$dateToString": {"date": None, "onNull": "none"}}, {"$dateToString": {"date": "$d", "format": "%Q"}}, {"$dateToString": {"date": "$d", "format": "%"}}, {"$dateToString": {"date": "$d", "format": 5}}, {"$dateToString": {"date": "$s"}}, {"$dateToString": {"date": "$d", "format": None}}, {"$dateToString": {"format": "%Y"}}, {"$dateToString": {"date": "$d", "z": 1}}, {"$dateToString": {"date": date("0001-01-01T00:00:00"), "format": "%Y %G"}}, {"$dateToString": {"date": date("2021-01-03T00:00:00"), "format": "%G-%V-%u %U %w"}},
    {"$dateFromString": {"dateString": "2020-01-05T10:00:00Z"}}, {"$dateFromString": {"dateString": "2020-01-05"}}, {"$dateFromString": {"dateString": "2020-01-05T10:00:00", "timezone": "Europe/Berlin"}}, {"$dateFromString": {"dateString": "05.01.2020", "format": "%d.%m.%Y"}}, {"$dateFromString": {"dateString": "2020-005", "format": "%Y-%j"}}, {"$dateFromString": {"dateString": "2020 10 3", "format": "%G %V %u"}}, {"$dateFromString": {"dateString": "x"}}, {"$dateFromString": {"dateString": "x", "onError": "bad"}}, {"$dateFromString": {"dateString": None, "onNull": "null"}}, {"$dateFromString": {"dateString": 5}}, {"$dateFromString": {"dateString": "2020-01-05T10:00:00Z", "timezone": "Europe/Berlin"}}, {"$dateFromString": {"dateString": "10:20 2020-01-05 +0100", "format": "%H:%M %Y-%m-%d %z"}}, {"$dateFromString": {"dateString": "2020-02-30", "format": "%Y-%m-%d"}}, {"$dateFromString": {"dateString": "2020-01-05", "format": "%Y"}}, {"$dateFromString": {"dateString": "2020-01-05", "format": 5}}, {"$dateFromString": {"format": "%Y"}},
    {"$dateFromParts": {"year": 2020, "month": 2, "day": 29}}, {"$dateFromParts": {"year": 2020}}, {"$dateFromParts": {"year": 2020, "month": 14, "day": 0}}, {"$dateFromParts": {"year": 2020, "month": 1, "day": 1, "hour": 25, "minute": -5}}, {"$dateFromParts": {"year": 2020, "timezone": "Europe/Berlin"}}, {"$dateFromParts": {"isoWeekYear": 2020, "isoWeek": 53, "isoDayOfWeek": 7}}, {"$dateFromParts": {"year": 0}}, {"$dateFromParts": {"year": 2020, "month": "x"}}, {"$dateFromParts": {"year": 2020, "isoWeek": 1}}, {"$dateFromParts": {"month": 1}}, {"$dateFromParts": {"year": None}}, {"$dateFromParts": {"year": 2020, "z": 1}}, {"$dateFromParts": {"year": 2020, "month": 99999}}, {"$dateFromParts": {"year": 2020, "second": 1.5}}, {"$dateFromParts": {"year": 10000}}, {"$dateFromParts": {"isoWeekYear": 2021}}, {"$dateFromParts": {"isoWeekYear": 2021, "day": 1}}, {"$dateFromParts": 5},
    {"$dateToParts": {"date": "$d"}}, {"$dateToParts": {"date": "$d", "iso8601": True}}, {"$dateToParts": {"date": "$d", "timezone": "Asia/Tokyo"}}, {"$dateToParts": {"date": None}}, {"$dateToParts": {"date": "$s"}}, {"$dateToParts": {"date": "$d", "iso8601": 5}}, {"$dateToParts": {}},
    {"$dateAdd": {"startDate": "$d", "unit": "month", "amount": 1}}, {"$dateAdd": {"startDate": date("2021-01-31T10:00:00"), "unit": "month", "amount": 1}}, {"$dateAdd": {"startDate": "$d", "unit": "year", "amount": -1}}, {"$dateAdd": {"startDate": "$d", "unit": "quarter", "amount": 2}}, {"$dateAdd": {"startDate": "$d", "unit": "week", "amount": 1}}, {"$dateAdd": {"startDate": "$d", "unit": "day", "amount": 40}}, {"$dateAdd": {"startDate": "$d", "unit": "hour", "amount": 30}}, {"$dateAdd": {"startDate": "$d", "unit": "millisecond", "amount": 5}}, {"$dateAdd": {"startDate": date("2020-03-28T12:00:00"), "unit": "day", "amount": 1, "timezone": "Europe/Berlin"}}, {"$dateAdd": {"startDate": date("2020-03-28T12:00:00"), "unit": "hour", "amount": 24, "timezone": "Europe/Berlin"}}, {"$dateAdd": {"startDate": "$d", "unit": "bogus", "amount": 1}}, {"$dateAdd": {"startDate": "$d", "unit": 5, "amount": 1}}, {"$dateAdd": {"startDate": "$d", "unit": "day", "amount": 1.5}}, {"$dateAdd": {"startDate": "$s", "unit": "day", "amount": 1}}, {"$dateAdd": {"startDate": None, "unit": "day", "amount": 1}}, {"$dateAdd": {"startDate": "$d", "unit": "day"}}, {"$dateAdd": {"startDate": "$d", "unit": "day", "amount": 1, "z": 1}}, {"$dateSubtract": {"startDate": "$d", "unit": "month", "amount": 12}}, {"$dateSubtract": {"startDate": "$d", "unit": "minute", "amount": 45}}, {"$dateAdd": {"startDate": "$d", "unit": "day", "amount": "x"}},
    {"$dateDiff": {"startDate": date("2020-12-31T23:59:59"), "endDate": date("2021-01-01T00:00:00"), "unit": "year"}}, {"$dateDiff": {"startDate": date("2020-01-31T00:00:00"), "endDate": date("2020-03-01T00:00:00"), "unit": "month"}}, {"$dateDiff": {"startDate": date("2020-01-01T00:00:00"), "endDate": date("2020-01-12T00:00:00"), "unit": "week"}}, {"$dateDiff": {"startDate": date("2020-01-01T00:00:00"), "endDate": date("2020-01-12T00:00:00"), "unit": "week", "startOfWeek": "monday"}}, {"$dateDiff": {"startDate": date("2020-01-01T00:00:00"), "endDate": date("2020-01-12T00:00:00"), "unit": "week", "startOfWeek": "Fri"}}, {"$dateDiff": {"startDate": date("2020-01-01T22:30:00"), "endDate": date("2020-01-01T23:30:00"), "unit": "day", "timezone": "Europe/Berlin"}}, {"$dateDiff": {"startDate": date("2020-01-01T00:00:00"), "endDate": date("2019-12-31T00:00:00"), "unit": "hour"}}, {"$dateDiff": {"startDate": date("2020-01-01T00:00:00"), "endDate": date("2020-01-01T00:00:01.500"), "unit": "second"}}, {"$dateDiff": {"startDate": "$d", "endDate": date("2024-01-01T00:00:00"), "unit": "quarter"}}, {"$dateDiff": {"startDate": "$d", "endDate": "$d", "unit": "bogus"}}, {"$dateDiff": {"startDate": "$s", "endDate": "$d", "unit": "day"}}, {"$dateDiff": {"startDate": None, "endDate": "$d", "unit": "day"}}, {"$dateDiff": {"startDate": "$d", "unit": "day"}}, {"$dateDiff": {"startDate": "$d", "endDate": "$d", "unit": "week", "startOfWeek": "x"}},
    {"$dateTrunc": {"date": "$d", "unit": "year"}}, {"$dateTrunc": {"date": "$d", "unit": "quarter"}}, {"$dateTrunc": {"date": "$d", "unit": "month", "binSize": 5}}, {"$dateTrunc": {"date": "$d", "unit": "week"}}, {"$dateTrunc": {"date": "$d", "unit": "week", "startOfWeek": "monday"}}, {"$dateTrunc": {"date": "$d", "unit": "day"}}, {"$dateTrunc": {"date": "$d", "unit": "day", "timezone": "Europe/Berlin"}}, {"$dateTrunc": {"date": "$d", "unit": "hour", "binSize": 5}}, {"$dateTrunc": {"date": "$d", "unit": "minute", "binSize": 7}}, {"$dateTrunc": {"date": "$d", "unit": "second"}}, {"$dateTrunc": {"date": "$d", "unit": "day", "binSize": 0}}, {"$dateTrunc": {"date": "$d", "unit": "day", "binSize": "x"}}, {"$dateTrunc": {"date": "$d", "unit": "x"}}, {"$dateTrunc": {"date": None, "unit": "day"}}, {"$dateTrunc": {"date": "$s", "unit": "day"}}, {"$dateTrunc": {"unit": "day"}}, {"$dateTrunc": {"date": date("1960-05-05T10:00:00"), "unit": "week", "binSize": 2}}, {"$dateTrunc": {"date": "$d", "unit": "hour", "timezone": "Asia/Kolkata"}}, {"$dateTrunc": {"date": "$d", "unit": "year", "binSize": 3}}, {"$dateTrunc": {"date": "$d", "unit": "hour", "binSize": 6, "timezone": "America/New_York"}},
    {"$isNumber": "$missing"}, {"$type": "$missing"}, {"$function": {}}, {"$expr": 1}, {"$toDate": "$missing"}, {"$not": ["$missing"]}, {"$and": []}, {"$or": []}, {"$cmp": ["$missing", None]}, {"$eq": ["$missing", None]}, {"$lt": ["$missing", None]}, {"$gt": ["$a", "$missing"]}, {"$eq": ["$missing", "$gone"]}, {"$lt": ["$missing", MinKey()]},
]

HOST = SON([("_id", 1), ("a", 1), ("b", SON([("c", 5), ("d", "x")])), ("list", [{"k": 2}, {"k": 1}, {"j": 3}, 7]), ("nested", [[{"a": 1}], [{"a": 2}]]), ("matrix", [[1, 2], [3]]), ("n", None), ("nums", [3, 1, 2, 3]), ("mixed", [2, "x", None, 1.5, {"a": 1}]), ("s", "hello"), ("uni", "éb日c"), ("d", date("2020-06-15T22:30:45.678"))])


def aggregate_cases(db):
    values, pairs, host = db.values, db.pairs, db.host
    for col in (values, pairs, host):
        col.drop()
    subjects = VALUES + ["5", "-7", "1.5", "2020-05-05T10:20:30Z", "60a000000000000000000001", 1e20, Int64(-2**63), 0.5, -0.75, [3, 1, 2.5], [["k", 1]], [{"k": "x", "v": 2}], [True, 1]]
    values.insert_many([SON([("_id", i), ("v", v)]) for i, v in enumerate(subjects)])
    host.insert_one(HOST)
    combos = [(a, b) for a in PAIRS for b in PAIRS]
    pairs.insert_many([SON([("_id", i), ("a", a), ("b", b)]) for i, (a, b) in enumerate(combos)])
    cases = []
    for op in UNARY:
        results = [evaluate(values, {op: "$v"}, i) for i in range(len(subjects))]
        cases.append(SON([("unary", op), ("results", results)]))
    for number, op in enumerate(BINARY):
        chosen = [i for i in range(len(combos)) if (i + number) % 3 == 0]
        results = [evaluate(pairs, {op: ["$a", "$b"]}, i) for i in chosen]
        cases.append(SON([("binary", op), ("from", -number % 3), ("results", results)]))
    for expression in EXPRESSIONS:
        cases.append(SON([("expression", expression), ("results", [evaluate(host, expression, 1)])]))
    return {"subjects": subjects, "pairs": PAIRS, "host": HOST}, cases


def evaluate(col, expression, number):
    """As the value of a $replaceWith, so that every form of expression can stand there."""
    try:
        found = list(col.aggregate([{"$match": {"_id": number}}, {"$replaceWith": {"r": expression}}]))
        return found[0] if found else SON()
    except OperationFailure as error:
        return SON([("error", error.code)])
    except InvalidBSON:
        # The server cut a character in two; there is nothing to learn from it.
        return SON([("invalid", True)])


ORDERS = [
    SON([("_id", i), ("item", item), ("qty", qty), ("price", price), ("tags", tags), ("when", date(f"2021-0{1 + i % 3}-1{i % 10}T00:00:00")), ("customer", customer), ("loc", {"city": city})])
    for i, (item, qty, price, tags, customer, city) in enumerate([
        ("apple", 5, 1.5, ["red", "fresh"], 1, "Rome"), ("pear", 2, 2.0, [], 2, "Rome"), ("apple", 1, 1.25, ["green"], 1, "Oslo"), ("fig", 10, Decimal128("0.35"), None, 3, "Oslo"), ("pear", None, 2.5, "single", 4, None), ("kiwi", 7, Int64(3), ["green", "fresh", "green"], None, "Bern")])
] + [SON([("_id", 9), ("item", "apple"), ("qty", "many")])]
CUSTOMERS = [SON([("_id", 1), ("name", "Ann"), ("friends", [2, 3])]), SON([("_id", 2), ("name", "Bob"), ("friends", [1])]), SON([("_id", 3), ("name", "Cyd"), ("friends", [4])]), SON([("_id", 4), ("name", "Dan"), ("boss", 3)]), SON([("_id", 5), ("name", "Eve"), ("friends", None)])]

PIPELINES = [
    [], [{"$match": {"item": "apple"}}], [{"$match": {"$expr": {"$gt": ["$qty", 4]}}}], [{"$sort": {"price": 1, "_id": -1}}], [{"$sort": {"qty": -1, "_id": 1}}], [{"$sort": {}}], [{"$sort": {"a": 2}}], [{"$sort": {"a": "x"}}], [{"$sort": 5}], [{"$skip": 2}], [{"$limit": 2}], [{"$limit": 0}], [{"$limit": -1}], [{"$skip": -1}], [{"$limit": "x"}], [{"$limit": 1.5}], [{"$skip": "x"}],
    [{"$project": {"item": 1}}], [{"$project": {"_id": 0, "item": 1, "total": {"$multiply": ["$price", 2]}}}], [{"$project": {"loc": 0}}], [{"$project": {"loc.city": 1}}], [{"$project": {"loc": {"city": 1}}}], [{"$project": {"item": 1, "qty": 0}}], [{"$project": {}}], [{"$project": {"x": "$$ROOT.item"}}], [{"$match": {"_id": 0}}, {"$project": {"tags": {"$slice": ["$tags", 1]}}}], [{"$project": 5}], [{"$project": {"item": "$item", "loc.x": "$qty"}}], [{"$project": {"qty": 1, "_id": 0}}], [{"$project": {"_id": 1}}], [{"$project": {"_id": 0}}],
    [{"$project": {"a": {"$bogus": 1}}}], [{"$project": {"a": {}}}], [{"$project": {"a": 1, "a.b": 1}}], [{"$project": {"new": ["$item", "$qty"]}}], [{"$project": {"tags": {"$elemMatch": {"$eq": "red"}}}}], [{"$project": {"x": {"$literal": 1}}}], [{"$project": {"item": True, "qty": 1.0}}],
    [{"$addFields": {"x": 1, "loc.z": "$qty"}}], [{"$set": {"tags.k": 1}}], [{"$set": {"loc": {"q": 1}}}], [{"$unset": ["loc", "tags"]}], [{"$unset": "loc.city"}], [{"$unset": []}], [{"$unset": 5}], [{"$replaceRoot": {"newRoot": "$loc"}}], [{"$match": {"loc": {"$exists": True}}}, {"$replaceRoot": {"newRoot": "$loc"}}], [{"$replaceWith": {"i": "$item"}}], [{"$replaceRoot": {"x": 1}}],
    [{"$unwind": "$tags"}], [{"$unwind": {"path": "$tags", "preserveNullAndEmptyArrays": True}}], [{"$unwind": {"path": "$tags", "includeArrayIndex": "i"}}], [{"$unwind": {"path": "$tags", "includeArrayIndex": "i", "preserveNullAndEmptyArrays": True}}], [{"$unwind": "tags"}], [{"$unwind": {"path": "$tags", "x": 1}}], [{"$unwind": 5}], [{"$unwind": "$loc.city"}], [{"$unwind": {"path": "$tags", "includeArrayIndex": "loc.i"}}], [{"$unwind": {}}], [{"$unwind": {"path": "$tags", "includeArrayIndex": "$i"}}], [{"$unwind": {"path": "$tags", "includeArrayIndex": ""}}],
    [{"$group": {"_id": "$item", "n": {"$sum": 1}, "q": {"$sum": "$qty"}, "avg": {"$avg": "$price"}}}], [{"$group": {"_id": None, "n": {"$count": {}}}}], [{"$sort": {"_id": 1}}, {"$group": {"_id": "$loc.city", "f": {"$first": "$item"}, "l": {"$last": "$item"}, "p": {"$push": "$qty"}, "s": {"$addToSet": "$item"}}}], [{"$group": {"_id": {"i": "$item", "c": "$loc.city"}, "max": {"$max": "$price"}, "min": {"$min": "$price"}}}], [{"$group": {"_id": "$missing", "n": {"$sum": 1}}}], [{"$group": {"n": {"$sum": 1}}}], [{"$group": {"_id": 1, "n": {"$bogus": 1}}}], [{"$group": {"_id": 1, "n": 5}}], [{"$group": {"_id": 1, "n.x": {"$sum": 1}}}], [{"$group": {"_id": 1, "n": {"$sum": 1, "$avg": 1}}}], [{"$group": 5}],
    [{"$group": {"_id": 1, "a": {"$stdDevPop": "$price"}, "b": {"$stdDevSamp": "$price"}, "m": {"$mergeObjects": "$loc"}}}], [{"$sort": {"_id": 1}}, {"$group": {"_id": 1, "a": {"$firstN": {"n": 2, "input": "$item"}}, "b": {"$lastN": {"n": 2, "input": "$qty"}}, "c": {"$minN": {"n": 2, "input": "$price"}}, "d": {"$maxN": {"n": 2, "input": "$price"}}}}], [{"$group": {"_id": 1, "a": {"$top": {"sortBy": {"price": 1}, "output": "$item"}}, "b": {"$bottom": {"sortBy": {"price": 1, "_id": 1}, "output": "$_id"}}}}], [{"$group": {"_id": 1, "a": {"$topN": {"n": 3, "sortBy": {"price": -1, "_id": 1}, "output": ["$item", "$_id"]}}, "b": {"$bottomN": {"n": 2, "sortBy": {"_id": 1}, "output": "$_id"}}}}],
    [{"$group": {"_id": 1, "a": {"$firstN": {"n": 0, "input": "$item"}}}}], [{"$group": {"_id": 1, "a": {"$firstN": {"input": "$item"}}}}], [{"$group": {"_id": 1, "a": {"$topN": {"n": 1, "output": "$item"}}}}], [{"$group": {"_id": 1, "a": {"$sum": ["$qty", "$price"]}}}], [{"$group": {"_id": 1, "a": {"$sum": ["$qty"]}}}], [{"$group": {"_id": 1, "a": {"$count": 1}}}], [{"$group": {"_id": 1, "$a": {"$sum": 1}}}], [{"$sort": {"_id": 1}}, {"$group": {"_id": 1, "t": {"$push": "$tags"}, "s": {"$sum": "$price"}, "x": {"$push": {"i": "$item", "m": "$missing"}}}}], [{"$group": {"_id": {"$gt": ["$qty", 3]}, "n": {"$sum": 1}}}], [{"$group": {"_id": "$customer", "n": {"$sum": "$$ROOT.qty"}}}],
    [{"$group": {"_id": 1, "f": {"$first": "$missing"}, "l": {"$last": "$missing"}, "m": {"$max": "$missing"}, "a": {"$avg": "$missing"}, "s": {"$sum": "$missing"}, "p": {"$push": "$missing"}, "t": {"$addToSet": "$missing"}}}],
    [{"$count": "n"}], [{"$match": {"_id": 99}}, {"$count": "n"}], [{"$count": ""}], [{"$count": "$n"}], [{"$count": "a.b"}], [{"$count": 5}], [{"$sortByCount": "$item"}, {"$match": {"count": {"$gt": 1}}}], [{"$sortByCount": "item"}], [{"$sortByCount": 5}], [{"$sortByCount": {"$toUpper": "$item"}}, {"$limit": 1}], [{"$sortByCount": {"a": 1}}],
    [{"$bucket": {"groupBy": "$price", "boundaries": [0, 1, 2, 3], "default": "other"}}], [{"$bucket": {"groupBy": "$price", "boundaries": [0, 5]}}], [{"$bucket": {"groupBy": "$price", "boundaries": [0, 2, 9], "default": -1, "output": {"n": {"$sum": 1}, "i": {"$push": "$item"}}}}], [{"$bucket": {"groupBy": "$price", "boundaries": [0]}}], [{"$bucket": {"groupBy": "$price", "boundaries": [2, 1]}}], [{"$bucket": {"groupBy": "$price", "boundaries": [0, "x"]}}], [{"$bucket": {"groupBy": "price", "boundaries": [0, 1]}}], [{"$bucket": {"groupBy": "$price"}}], [{"$bucket": {"groupBy": "$price", "boundaries": [0, 5], "default": 2}}], [{"$bucket": {"groupBy": "$price", "boundaries": 5}}], [{"$bucket": 5}], [{"$bucket": {"groupBy": "$price", "boundaries": [0, 1], "x": 1}}],
    [{"$bucketAuto": {"groupBy": "$_id", "buckets": 3}}], [{"$bucketAuto": {"groupBy": "$_id", "buckets": 2, "output": {"i": {"$push": "$item"}}}}], [{"$bucketAuto": {"groupBy": "$item", "buckets": 3}}], [{"$bucketAuto": {"groupBy": "$_id", "buckets": 0}}], [{"$bucketAuto": {"groupBy": "$_id", "buckets": 1.5}}], [{"$bucketAuto": {"groupBy": "$_id"}}], [{"$bucketAuto": {"groupBy": "x", "buckets": 1}}], [{"$bucketAuto": {"groupBy": "$_id", "buckets": 99}}], [{"$bucketAuto": {"groupBy": "$_id", "buckets": 5}}], [{"$bucketAuto": {"groupBy": "$_id", "buckets": 4}}], [{"$bucketAuto": {"groupBy": "$item", "buckets": 2}}], [{"$bucketAuto": {"groupBy": "$_id", "buckets": "x"}}],
    [{"$facet": {"a": [{"$match": {"item": "apple"}}, {"$count": "n"}], "b": [{"$sort": {"_id": 1}}, {"$limit": 1}, {"$project": {"item": 1}}]}}], [{"$facet": {}}], [{"$facet": {"a": 5}}], [{"$facet": {"a": [{"$facet": {"b": []}}]}}], [{"$facet": 5}], [{"$facet": {"a": []}}, {"$project": {"n": {"$size": "$a"}}}], [{"$facet": {"$a": []}}],
    [{"$lookup": {"from": "customers", "localField": "customer", "foreignField": "_id", "as": "c"}}], [{"$lookup": {"from": "customers", "localField": "customer", "foreignField": "_id", "as": "loc.c"}}], [{"$match": {"_id": {"$lt": 2}}}, {"$lookup": {"from": "customers", "let": {"who": "$customer"}, "pipeline": [{"$match": {"$expr": {"$eq": ["$_id", "$$who"]}}}, {"$project": {"name": 1}}], "as": "c"}}], [{"$match": {"_id": 0}}, {"$lookup": {"from": "customers", "pipeline": [{"$sort": {"_id": 1}}, {"$limit": 1}], "as": "c"}}], [{"$lookup": {"from": "customers", "localField": "customer", "foreignField": "_id", "let": {"q": "$qty"}, "pipeline": [{"$addFields": {"q": "$$q"}}], "as": "c"}}], [{"$lookup": {"from": "customers", "as": "c"}}], [{"$lookup": {"from": "customers", "localField": "a", "as": "c"}}], [{"$lookup": {"from": "customers", "localField": "a", "foreignField": "b"}}], [{"$lookup": 5}], [{"$lookup": {"from": "customers", "localField": "a", "foreignField": "b", "as": "c", "x": 1}}], [{"$lookup": {"from": 5, "localField": "a", "foreignField": "b", "as": "c"}}], [{"$lookup": {"from": "nowhere", "localField": "a", "foreignField": "b", "as": "c"}}, {"$limit": 1}], [{"$lookup": {"from": "customers", "localField": "missing", "foreignField": "friends", "as": "c"}}, {"$limit": 1}], [{"$lookup": {"from": "customers", "localField": "customer", "foreignField": "friends", "as": "c"}}, {"$project": {"c._id": 1}}],
    [{"$match": {"_id": 0}}, {"$lookup": {"from": "customers", "let": {"X": 1}, "pipeline": [], "as": "c"}}], [{"$match": {"_id": 0}}, {"$lookup": {"from": "customers", "pipeline": [{"$lookup": {"from": "customers", "localField": "friends", "foreignField": "_id", "as": "f"}}, {"$project": {"f.name": 1}}, {"$sort": {"_id": 1}}], "as": "c"}}], [{"$match": {"_id": 0}}, {"$lookup": {"pipeline": [{"$documents": [{"x": 1}]}], "as": "c"}}], [{"$match": {"_id": 0}}, {"$lookup": {"from": "customers", "let": {"t": "$tags"}, "pipeline": [{"$match": {"$expr": {"$in": ["red", "$$t"]}}}, {"$count": "n"}], "as": "c"}}],
    [{"$match": {"_id": 0}}, {"$graphLookup": {"from": "customers", "startWith": "$customer", "connectFromField": "friends", "connectToField": "_id", "as": "net"}}, {"$unwind": "$net"}, {"$sort": {"net._id": 1}}], [{"$match": {"_id": 0}}, {"$graphLookup": {"from": "customers", "startWith": "$customer", "connectFromField": "friends", "connectToField": "_id", "as": "net", "maxDepth": 1, "depthField": "d"}}, {"$unwind": "$net"}, {"$sort": {"net._id": 1}}], [{"$match": {"_id": 0}}, {"$graphLookup": {"from": "customers", "startWith": "$customer", "connectFromField": "friends", "connectToField": "_id", "as": "net", "restrictSearchWithMatch": {"name": {"$ne": "Bob"}}}}, {"$unwind": "$net"}, {"$sort": {"net._id": 1}}], [{"$graphLookup": {"from": "customers"}}], [{"$graphLookup": {"from": "customers", "startWith": "$customer", "connectFromField": "friends", "connectToField": "_id", "as": "net", "maxDepth": -1}}], [{"$graphLookup": 5}], [{"$graphLookup": {"from": "customers", "startWith": "$customer", "connectFromField": "friends", "connectToField": "_id", "as": "net", "x": 1}}],
    [{"$unionWith": "customers"}, {"$count": "n"}], [{"$match": {"_id": 0}}, {"$project": {"item": 1}}, {"$unionWith": {"coll": "customers", "pipeline": [{"$match": {"_id": 1}}, {"$project": {"name": 1}}]}}], [{"$unionWith": 5}], [{"$unionWith": {"coll": "customers", "x": 1}}], [{"$unionWith": {"coll": "nowhere"}}, {"$count": "n"}],
    [{"$redact": {"$cond": [{"$eq": ["$city", "Rome"]}, "$$PRUNE", "$$DESCEND"]}}], [{"$redact": "$$KEEP"}, {"$count": "n"}], [{"$redact": 5}], [{"$bogus": 1}], [{}], [{"$match": {}, "$limit": 1}], [{"$match": 5}], [{"$match": {"$text": {"$search": "x"}}}], [{"$sample": {"size": 0}}], [{"$sample": {"size": 3}}, {"$count": "n"}], [{"$sample": 5}], [{"$sample": {}}], [{"$sample": {"size": "x"}}], [{"$sample": {"size": 1, "x": 1}}],
    [{"$match": {"item": {"$in": ["apple", "fig"]}}}, {"$unwind": "$tags"}, {"$group": {"_id": "$tags", "n": {"$sum": 1}}}, {"$sort": {"_id": 1}}], [{"$addFields": {"m": {"$month": "$when"}}}, {"$match": {"m": 2}}, {"$project": {"m": 1}}], [{"$sort": {"price": 1}}, {"$limit": 3}, {"$project": {"price": 1}}], [{"$project": {"tags": {"$filter": {"input": "$tags", "as": "t", "cond": {"$ne": ["$$t", "green"]}}}}}], [{"$match": {"_id": {"$ne": 4}}}, {"$project": {"big": {"$map": {"input": "$tags", "as": "t", "in": {"$toUpper": "$$t"}}}}}],
]


def pipeline_cases(db):
    orders, customers = db.orders, db.customers
    orders.drop()
    customers.drop()
    orders.insert_many(ORDERS)
    customers.insert_many(CUSTOMERS)
    cases = []
    for pipeline in PIPELINES:
        case = SON([("pipeline", pipeline)])
        try:
            case["results"] = list(orders.aggregate(pipeline))
        except OperationFailure as error:
            case["error"] = error.code
        cases.append(case)
    return {"orders": ORDERS, "customers": CUSTOMERS}, cases


def main():
    url, folder = sys.argv[1:3]
    only = sys.argv[3:]
    client = MongoClient(url)
    client.drop_database("engine_cases")
    db = client.get_database("engine_cases", codec_options=OPTIONS)
    for name, make in {"find": find_cases, "update": update_cases, "project": project_cases, "sort": sort_cases,
                       "expression": aggregate_cases, "pipeline": pipeline_cases}.items():
        if only and name not in only:
            continue
        head, cases = make(db)
        save(folder, name, head, cases, {"find": 2, "update": 3}.get(name, 1))
    client.drop_database("engine_cases")


main()
