internal import PrivataCore

extension StoreConformance {
  static let writeChecks: [Check] = [
    Check("write: update one and many") { context in
      let model = try await people(context)
      var update = Update(model, where: .document(["age": 36]), .operators(["$set": ["flag": 1]]))
      let one = try await context.store.write(.update(update))
      try context.expectEqual([one.matched, one.modified], [1, 1], "one")
      update.isMany = true
      let many = try await context.store.write(.update(update))
      try context.expectEqual([many.matched, many.modified], [3, 2], "many")
      update.filter = .document(["age": 12345])
      let none = try await context.store.write(.update(update))
      try context.expectEqual([none.matched, none.modified], [0, 0], "none")
      try context.expectEqual(
        try await context.count(model, .document(["flag": 1])), 3, "changed records")
    },
    Check("write: update the first by a sort, returning") { context in
      let model = try await people(context)
      var update = Update(
        model, where: .document(["age": ["$gt": 0]]), .operators(["$inc": ["age": 1]]),
        sort: [SortKey("age", descending: true)], returning: .before,
        projection: .document(["age": 1]))
      let before = try await context.store.write(.update(update))
      try context.expectSame(
        before.rows?.documents ?? [], [["_id": 10, "age": .double(1e10)]], "before")
      update.returning = .after
      let after = try await context.store.write(.update(update))
      try context.expectSame(
        after.rows?.documents ?? [], [["_id": 10, "age": .double(1e10 + 2)]], "after")
      update.filter = .document(["age": "nobody"])
      let none = try await context.store.write(.update(update))
      try context.expectEqual(none.rows?.count ?? 0, 0, "rows where none matches")
    },
    Check("write: upserts") { context in
      let model = context.person
      try await context.prepare([model])
      var update = Update(
        model, where: .document(["_id": 7, "name": "Ada", "age": ["$gt": 3]]),
        .operators([
          "$set": ["small": 1], "$setOnInsert": ["big": .int64(2)], "$push": ["tags": "x"],
        ]),
        isUpsert: true, returning: .after)
      let inserted = try await context.store.write(.update(update))
      try context.expectEqual(inserted.upserted, [.init(index: 0, id: 7)], "upserted")
      try context.expectEqual([inserted.matched, inserted.modified], [0, 0], "matched, modified")
      let wanted: Document = ["_id": 7, "name": "Ada", "big": .int64(2), "small": 1, "tags": ["x"]]
      try context.expectSame(inserted.rows?.documents ?? [], [wanted], "returned")
      try context.expectSame(try await context.find(model), [wanted], "stored")
      update.filter = .document(["_id": 7])
      update.returning = .none
      let updated = try await context.store.write(.update(update))
      try context.expectEqual(
        [updated.matched, updated.modified, updated.upserted.count], [1, 1, 0], "second")
      let fresh = Update(
        model, where: .document(["name": "New"]), .operators(["$inc": ["age": 1]]), isUpsert: true)
      let made = try await context.store.write(.update(fresh))
      try context.expect(made.upserted.first?.id.asObjectID != nil, "a new object id")
      let replaced = Update(
        model, where: .document(["_id": 8, "name": "ignored"]), .replacement(["age": 1]),
        isUpsert: true)
      _ = try await context.store.write(.update(replaced))
      try context.expectSame(
        try await context.find(model, .document(["_id": 8])), [["_id": 8, "age": 1]], "replacement")
    },
    Check("write: an update may not take a unique value") { context in
      let model = context.account
      try await context.prepare([model])
      let ids = [1, 2].map { Value.objectID(ConformanceContext.id($0)) }
      try await context.insert(
        [["_id": ids[0], "email": "a@b"], ["_id": ids[1], "email": "c@d"]], into: model)
      let error = try await context.error("taken email") {
        let update = Update(
          model, where: .document(["_id": ids[1]]), .operators(["$set": ["email": "a@b"]]))
        _ = try await context.store.write(.update(update))
      }
      try context.expectEqual(error.code, .duplicateKey, "code")
      try context.expectEqual(error.fields, ["email"], "fields")
      try context.expectEqual(
        try await context.count(model, .document(["email": "c@d"])), 1, "unchanged")
    },
    Check("write: deletes") { context in
      let model = try await people(context)
      let first = Delete(
        model, where: .document(["age": 36]), isMany: false,
        sort: [SortKey("_id", descending: true)],
        returning: .before, projection: .document(["_id": 1]))
      let one = try await context.store.write(.delete(first))
      try context.expectEqual(one.deleted, 1, "one")
      try context.expectSame(one.rows?.documents ?? [], [["_id": 11]], "returned")
      let many = try await context.store.write(
        .delete(Delete(model, where: .document(["age": 36]))))
      try context.expectEqual(many.deleted, 2, "many")
      let none = try await context.store.write(.delete(Delete(model, where: .none)))
      try context.expectEqual(none.deleted, 0, "none")
      let arrays = try await context.store.write(
        .delete(Delete(model, where: .document(["tags": "vip"]))))
      try context.expectEqual(arrays.deleted, 2, "by an element of an array")
      let rest = try await context.store.write(.delete(Delete(model, where: .all)))
      try context.expectEqual(rest.deleted, 7, "the rest")
      try context.expectEqual(try await context.count(model), 0, "records")
    },
    Check("write: bulk, ordered and not") { context in
      for isOrdered in [true, false] {
        let model = context.account
        try await context.prepare([model])
        let ids = (1...4).map { Value.objectID(ConformanceContext.id($0)) }
        let insert = { (id: Value, email: String) in
          Write.insert(Insert(model, .documents([["_id": id, "email": .string(email)]])))
        }
        let writes: [Write] = [
          insert(ids[0], "a"), insert(ids[1], "b"),
          .update(
            Update(model, where: .document(["_id": ids[0]]), .operators(["$set": ["owner": "x"]]))),
          insert(ids[1], "c"),
          .update(
            Update(
              model, where: .document(["_id": ids[3]]), .operators(["$set": ["email": "d"]]),
              isUpsert: true)),
          .delete(Delete(model, where: .document(["_id": ids[0]]), isMany: false)),
        ]
        let outcome = try await context.store.write(.bulk(writes, isOrdered: isOrdered))
        let what = isOrdered ? "ordered" : "unordered"
        try context.expectEqual(outcome.failures.map(\.index), [3], "\(what) failures")
        try context.expectEqual(outcome.failures.first?.error.code, .duplicateKey, "\(what) code")
        try context.expectEqual(
          [outcome.inserted, outcome.matched, outcome.modified], [2, 1, 1], what)
        try context.expectEqual(outcome.deleted, isOrdered ? 0 : 1, "\(what) deleted")
        try context.expectEqual(
          outcome.upserted, isOrdered ? [] : [.init(index: 4, id: ids[3])], "\(what) upserted")
        try context.expectEqual(try await context.count(model), 2, "\(what) records")
      }
    },
    Check("write: statements are announced without values") { context in
      let model = try await people(context)
      let seen = RecordedStatements()
      try await StatementLog.$observer.withValue(seen) {
        _ = try await context.find(model, .document(["name": "Ada"]))
        let update = Update(
          model, where: .document(["name": "Ada"]), .operators(["$set": ["meta": "s3cret"]]))
        _ = try await context.store.write(.update(update))
      }
      let texts = seen.statements.map(\.text).joined(separator: "\n")
      try context.expect(!seen.statements.isEmpty, "no statement was announced")
      try context.expect(
        !texts.contains("Ada") && !texts.contains("s3cret"), "a value in a statement")
    },
  ]
}
