import MongoStyle
import PrivataCore
import TestPlaces
import Testing

/// Requests that make no sense: each is told by code and field, none changes or loses anything, and
/// none makes an error print what a record or the request holds.
@Suite(.serialized) struct BadRequestTests {
  @Test(arguments: Setting.all) func isToldAndChangesNothing(_ setting: Setting) async throws {
    try await BadInputClinic.with(setting) { clinic in
      let before = try await clinic.contents()
      let documents = try await clinic.documents()
      for request in BadRequest.all {
        let what = "\(request.name), \(setting)"
        do {
          try await request.send(clinic)
          expectTold(nil, request.code, request.fields, what)
        } catch { expectTold(error, request.code, request.fields, what) }
        #expect(try await clinic.documents() == documents, "\(what)")
      }
      // No half of a record that was refused is left behind.
      #expect(try await clinic.contents() == before, "\(setting)")
    }
  }

  /// Of many documents the good ones are stored and the bad ones told by position.
  @Test(arguments: Setting.all) func ofManyTheGoodOnesAreKept(_ setting: Setting) async throws {
    try await BadInputClinic.with(setting) { clinic in
      let values: [Document] = [
        ["name": "Cy", "email": "cy@example.org", "diagnosis": "canary-one"],
        ["name": "Taken", "email": "canary@example.org", "diagnosis": "canary-two"],
        ["name": "Dee", "email": "dee@example.org", "diagnosis": "canary-three"],
      ]
      let error = await #expect(throws: PrivataError.self) {
        try await clinic.people.insertMany(values, options: .init { $0.ordered = false })
      }
      expectTold(error, .duplicateKey, ["email"], "\(setting)")
      let bulk = error?.mongoStyle as? BulkWriteError
      #expect(bulk?.writeErrors.map(\.index) == [1])
      let found = try await clinic.people.find().sort("name").select("name").lean().exec()
      #expect(found.map { $0["name"] } == ["Ada Canary", "Bob Canary", "Cy", "Dee"])
      for place in clinic.places {
        #expect(try RawContents.count("people", in: place) == 4, "\(setting)")
      }
    }
  }

  /// What is meant is done: `.all` deletes everything.
  @Test(arguments: Setting.all) func everythingIsDeletedOnPurpose(_ setting: Setting) async throws {
    try await BadInputClinic.with(setting) { clinic in
      _ = try await clinic.visits.deleteMany(.all).exec()
      let result = try await clinic.people.deleteMany(.all).exec()
      #expect(result.deletedCount == 2)
      for place in clinic.places { #expect(try RawContents.count("people", in: place) == 0) }
    }
  }
}
