import MongoStyle
import PrivataCore
import Synchronization
import Testing

@Suite struct CursorTests {
  private func filled(_ count: Int, _ schema: Schema = ["n": .number]) async throws -> MongoModel {
    let model = try await sqlite().model("Thing", schema)
    _ = try await model.insertMany((0..<count).map { ["n": .int($0)] })
    return model
  }

  @Test(arguments: [1, 7, 100, 1000])
  func everyDocumentOnce(_ batchSize: Int) async throws {
    let model = try await filled(100)
    var seen: [Int] = []
    for try await one in model.find().sort("n").cursor(batchSize: batchSize) {
      seen.append(one["n"]?.asInt ?? -1)
    }
    #expect(seen == Array(0..<100))
    var plain = 0
    for try await _ in model.find().lean().cursor(batchSize: batchSize) { plain += 1 }
    #expect(plain == 100)
  }

  @Test func memoryHoldsOnePiece() async throws {
    struct Trace { weak var document: MongoDocument? }
    let model = try await filled(500)
    var iterator = model.find().cursor(batchSize: 10).makeAsyncIterator()
    var traces: [Trace] = []
    var most = 0
    while let document = try await iterator.next() {
      traces.append(Trace(document: document))
      most = max(most, traces.count { $0.document != nil })
    }
    #expect(traces.count == 500)
    // The piece at hand, and the one before it while the next is read.
    #expect((1...20).contains(most), "\(most) documents were alive at once")
  }

  @Test func closesEarly() async throws {
    let model = try await filled(50)
    var iterator = model.find().sort("n").cursor(batchSize: 5).makeAsyncIterator()
    #expect(try await iterator.next()?["n"] == 0)
    await iterator.close()
    #expect(try await iterator.next() == nil)
    await iterator.close()
    #expect(try await model.countDocuments().exec() == 50)
  }

  @Test func populatesOncePerPiece() async throws {
    let mongo = try await sqlite()
    let User = try mongo.model("User", ["name": .string])
    let Post = try mongo.model("Post", ["n": .number, "by": .ref("User")])
    let ada = try await User.create(["name": "Ada"])
    _ = try await Post.insertMany((0..<20).map { ["n": .int($0), "by": ada._id] })
    let sent = try await statements {
      for try await post in Post.find().populate("by").cursor(batchSize: 10) {
        #expect(post.document("by")?.text("name") == "Ada")
      }
    }
    #expect(sent.filter { $0 == "find users" }.count == 2)
  }

  @Test func hooksSeeEachDocument() async throws {
    let trace = Trace()
    var schema: Schema = ["n": .number]
    schema.pre(query: .find) { _ in trace.add("pre") }
    schema.post(query: .find) { _, answer in
      if case .documents(let all) = answer { trace.add("post \(all.count)") }
    }
    let model = try await filled(3, schema)
    for try await _ in model.find().cursor() {}
    #expect(trace.all == ["pre", "post 1", "post 1", "post 1"])
  }

  @Test func errorsComeWithNext() async throws {
    let model = try await filled(1)
    var iterator = model.find(["n": "x"]).cursor().makeAsyncIterator()
    let error = await thrown { _ = try await iterator.next() }
    #expect(error?.mongoName == "CastError")
  }

  @Test(arguments: [1, 4])
  func eachAsyncVisitsAll(_ width: Int) async throws {
    let model = try await filled(40)
    let seen = Mutex<Set<Int>>([])
    let running = Mutex(0)
    let most = Mutex(0)
    try await model.find().eachAsync(EachAsyncOptions { $0.parallel = width }) { document, _ in
      let now = running.withLock {
        $0 += 1
        return $0
      }
      most.withLock { $0 = max($0, now) }
      await Task.yield()
      _ = seen.withLock { $0.insert(document["n"]?.asInt ?? -1) }
      running.withLock { $0 -= 1 }
    }
    #expect(seen.withLock { $0 } == Set(0..<40))
    #expect(most.withLock { $0 } <= width)
  }

  @Test func eachAsyncStopsAtTheFirstError() async throws {
    let model = try await filled(20)
    let seen = Mutex(0)
    let error = await thrown {
      try await model.find().sort("n").eachAsync(EachAsyncOptions()) { document, _ in
        seen.withLock { $0 += 1 }
        if document["n"] == 3 { throw Refused() }
      }
    }
    #expect(error is Refused)
    #expect(seen.withLock { $0 } == 4)
  }

  @Test func eachAsyncGoesOn() async throws {
    let model = try await filled(10)
    let error = await thrown {
      try await model.find().eachAsync(EachAsyncOptions { $0.continueOnError = true }) { one, _ in
        if one["n"]?.asInt ?? 0 > 7 { throw Refused() }
      }
    }
    #expect(error?.style(EachAsyncMultiError.self)?.errors.count == 2)
  }

  @Test func mapsAsSequencesDo() async throws {
    let model = try await filled(5)
    var doubled: [Int] = []
    for try await n in model.find().sort("n").cursor(batchSize: 2).map({ $0["n"]?.asInt ?? 0 }) {
      doubled.append(n * 2)
    }
    #expect(doubled == [0, 2, 4, 6, 8])
  }

  @Test func batches() async throws {
    let model = try await filled(25)
    let sizes = Mutex<[String]>([])
    try await model.find().eachBatch(of: 10) { piece, start in
      sizes.withLock { $0.append("\(start):\(piece.count)") }
    }
    #expect(sizes.withLock { $0 } == ["0:10", "10:10", "20:5"])
    var count = 0
    try await model.find().eachAsync { _, index in count = max(count, index + 1) }
    #expect(count == 25)
  }
}
