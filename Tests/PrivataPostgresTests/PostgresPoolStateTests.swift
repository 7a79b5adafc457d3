import Testing

@testable import PrivataPostgres

private typealias Plan = PostgresPoolState<Int>

/// In these tests numbers from 100 on share with nobody.
extension Int: Shareable {
  var isShareable: Bool { self < 100 }
}

extension MonotonicTime {
  fileprivate static func at(_ milliseconds: Int) -> MonotonicTime {
    MonotonicTime(nanoseconds: 0).adding(milliseconds: milliseconds)
  }
}

/// A pool whose first places are open.
private func pool(
  places: Int, open: Int, batchSize: Int = 64, shared: Int? = nil
) -> Plan {
  var limits = Plan.Limits()
  limits.places = places
  limits.batchSize = batchSize
  limits.sharedPlaces = shared
  limits.waiting = 8
  limits.patienceMilliseconds = 100
  limits.idleMilliseconds = 1000
  var plan = Plan(limits)
  for place in 0..<open {
    plan.places[place].phase = .connecting
    _ = plan.connected(place, now: .at(0))
  }
  return plan
}

@Suite struct PostgresPoolStateTests {
  @Test func grantsAnIdlePlaceAtOnce() {
    var plan = pool(places: 2, open: 2)
    #expect(plan.submit(1, at: .at(0)) == .granted(place: 0))
    #expect(plan.submit(2, at: .at(0)) == .granted(place: 1))
  }

  @Test func opensAPlaceForWhatWaits() {
    var plan = pool(places: 2, open: 0)
    #expect(plan.submit(1, at: .at(0)) == .queued(connect: 0))
    #expect(plan.submit(2, at: .at(0)) == .queued(connect: 1))
    #expect(plan.submit(3, at: .at(0)) == .queued(connect: nil))
    let work = plan.connected(1, now: .at(5))
    #expect(work.batch == [1, 2, 3])
  }

  @Test func whoSharesWithNobodyGoesAlone() {
    var plan = pool(places: 1, open: 1)
    #expect(plan.submit(1, at: .at(0)) == .granted(place: 0))
    for request in [2, 3, 100, 101, 4] { _ = plan.submit(request, at: .at(0)) }
    for batch in [[2, 3], [100], [101], [4]] {
      #expect(plan.finish(0, now: .at(1)).batch == batch)
    }
  }

  @Test func sharesWhatWaitsAmongPlaces() {
    var plan = pool(places: 2, open: 2)
    for request in 1...2 { _ = plan.submit(request, at: .at(0)) }
    for request in 3...8 { #expect(plan.submit(request, at: .at(0)) == .queued(connect: nil)) }
    #expect(plan.finish(1, now: .at(1)).batch == [3, 4, 5])
    #expect(plan.finish(0, now: .at(1)).batch == [6, 7])
  }

  @Test func boundsABatch() {
    var plan = pool(places: 1, open: 1, batchSize: 2)
    for request in 1...5 { _ = plan.submit(request, at: .at(0)) }
    #expect(plan.finish(0, now: .at(1)).batch == [2, 3])
  }

  @Test func quickPlacesTakeWhatComesInTheirNextBatches() {
    var plan = pool(places: 4, open: 3, shared: 1)
    #expect(plan.submit(1, at: .at(0)) == .granted(place: 0))
    for request in [2, 3, 4] {
      #expect(plan.submit(request, at: .at(1)) == .queued(connect: nil))
    }
    // One that shares with nobody gains from a place of its own.
    #expect(plan.submit(100, at: .at(1)) == .granted(place: 1))
    #expect(plan.finish(0, now: .at(2)).batch == [2, 3, 4])
    #expect(plan.finish(1, now: .at(2)).batch.isEmpty)
  }

  @Test func aPlaceThatTakesLongLetsOthersServe() {
    var plan = pool(places: 3, open: 3, shared: 1)
    #expect(plan.submit(1, at: .at(0)) == .granted(place: 0))
    #expect(plan.submit(2, at: .at(5)) == .queued(connect: nil))
    #expect(plan.relieve(at: .at(5)) == nil)
    let relief = plan.relieve(at: .at(6))
    #expect(relief?.place == 1)
    #expect(relief?.work.batch == [2])
    #expect(plan.relieve(at: .at(6)) == nil)
    // Place 1 is quick, place 0 is not counted any more.
    #expect(plan.submit(3, at: .at(7)) == .queued(connect: nil))
    #expect(plan.submit(4, at: .at(12)) == .granted(place: 2))
  }

  @Test func boundsTheQueue() {
    var plan = pool(places: 1, open: 1)
    for request in 1...9 { _ = plan.submit(request, at: .at(0)) }
    #expect(plan.submit(10, at: .at(0)) == .refused(.exhausted))
    #expect(plan.lease(11, at: .at(0)) == .refused(.exhausted))
  }

  @Test func aLeaseOwnsItsPlace() {
    var plan = pool(places: 1, open: 1)
    #expect(plan.lease(1, at: .at(0)) == .granted(place: 0))
    #expect(plan.submit(2, at: .at(0)) == .queued(connect: nil))
    // What the owner sends is no reason to give the place to others.
    #expect(plan.finish(0, now: .at(1)).batch.isEmpty)
    #expect(plan.release(0, now: .at(2)).batch == [2])
  }

  @Test func aLeaseThatWaitsKeepsFurtherBatchesFromOnePlace() {
    var plan = pool(places: 2, open: 2)
    for request in 1...4 { _ = plan.submit(request, at: .at(0)) }
    #expect(plan.lease(5, at: .at(0)) == .queued(connect: nil))
    // Place 0 is promised, although a request has waited longer; place 1 serves that one.
    let work = plan.finish(0, now: .at(1))
    #expect(work.lease == 5)
    #expect(work.batch.isEmpty)
    #expect(plan.finish(1, now: .at(1)).batch == [3, 4])
  }

  @Test func serverAwayRefusesWhenPatienceEnds() {
    var plan = pool(places: 1, open: 0)
    #expect(plan.submit(1, at: .at(0)) == .queued(connect: 0))
    #expect(plan.connectFailed(0, .unreachable, now: .at(1)) == nil)
    #expect(plan.reconnect(at: .at(2)) == nil)
    #expect(plan.reconnect(at: .at(60)) == 0)
    #expect(plan.connectFailed(0, .unreachable, now: .at(61)) == nil)
    #expect(plan.refuseImpatient(at: .at(90))?.requests == [])
    #expect(plan.refuseImpatient(at: .at(101))?.requests == [1])
  }

  @Test func waitsLongerBetweenAttempts() {
    var plan = pool(places: 1, open: 0)
    _ = plan.submit(1, at: .at(0))
    var pauses: [Int] = []
    for _ in 0..<8 {
      _ = plan.connectFailed(0, .unreachable, now: .at(0))
      pauses.append(plan.retryAt.milliseconds(after: .at(0)))
    }
    #expect(pauses[0] >= 20 && pauses[0] <= 25)
    #expect(pauses[3] >= 160 && pauses[3] <= 200)
    #expect(pauses[7] >= 1000 && pauses[7] <= 1250)
  }

  @Test func refusedCredentialsAreToldAtOnce() {
    var plan = pool(places: 1, open: 0)
    _ = plan.submit(1, at: .at(0))
    _ = plan.lease(2, at: .at(0))
    let refusal = plan.connectFailed(0, .refused(.invalidPassword), now: .at(1))
    #expect(refusal?.requests == [1])
    #expect(refusal?.leases == [2])
    #expect(refusal?.reason == .connect(.refused(.invalidPassword)))
  }

  @Test func aLostPlaceIsOpenedAgainForWhatWaits() {
    var plan = pool(places: 1, open: 1)
    _ = plan.submit(1, at: .at(0))
    _ = plan.submit(2, at: .at(0))
    #expect(plan.lost(0, now: .at(1)).connect == 0)
    #expect(plan.connected(0, now: .at(2)).batch == [2])
  }

  @Test func aPausedPlaceGetsNothing() {
    var plan = pool(places: 1, open: 1)
    _ = plan.submit(1, at: .at(0))
    _ = plan.submit(2, at: .at(0))
    plan.pause(0)
    #expect(plan.finish(0, now: .at(1)).batch.isEmpty)
    #expect(plan.submit(3, at: .at(1)) == .queued(connect: nil))
    #expect(plan.resume(0, now: .at(2)).batch == [2, 3])
  }

  @Test func idlePlacesAreClosed() {
    var plan = pool(places: 2, open: 2)
    _ = plan.submit(1, at: .at(0))
    #expect(plan.closeIdle(at: .at(900)).isEmpty)
    #expect(plan.closeIdle(at: .at(1001)) == [1])
    #expect(plan.places[1].phase == .closed)
  }

  @Test func removesWhatNobodyWaitsForAnyMore() {
    var plan = pool(places: 1, open: 0)
    for request in 1...3 { _ = plan.submit(request, at: .at(0)) }
    _ = plan.lease(4, at: .at(0))
    let gone = plan.remove { $0.isMultiple(of: 2) }
    #expect(gone.requests == [2])
    #expect(gone.leases == [4])
    #expect(plan.connected(0, now: .at(1)).batch == [1, 3])
  }

  @Test func closingRefusesAllAndEverything() {
    var plan = pool(places: 1, open: 1)
    _ = plan.submit(1, at: .at(0))
    _ = plan.submit(2, at: .at(0))
    #expect(plan.close().requests == [2])
    #expect(plan.submit(3, at: .at(1)) == .refused(.closed))
    #expect(plan.lease(4, at: .at(1)) == .refused(.closed))
  }

  @Test func anyOrderOfEventsKeepsTheBounds() {
    var random = SystemRandomNumberGenerator()
    for _ in 0..<200 {
      var plan = pool(places: 3, open: Int.random(in: 0...3, using: &random))
      var owned: Set<Int> = []
      for step in 0..<200 {
        let now = MonotonicTime.at(step)
        let place = Int.random(in: 0..<3, using: &random)
        switch Int.random(in: 0..<6, using: &random) {
        case 0: _ = plan.submit(step, at: now)
        case 1:
          if case .granted(let place) = plan.lease(step, at: now) { owned.insert(place) }
        case 2 where plan.places[place].phase == .connecting:
          if plan.connected(place, now: now).lease != nil { owned.insert(place) }
        case 3 where plan.places[place].isWorking:
          if plan.finish(place, now: now).lease != nil { owned.insert(place) }
        case 4 where owned.contains(place):
          owned.remove(place)
          if plan.release(place, now: now).lease != nil { owned.insert(place) }
        default: break
        }
        #expect(plan.places.allSatisfy { !$0.isWorking || $0.phase == .open })
        #expect(plan.requests.count + plan.leases.count <= plan.limits.waiting)
        #expect(Set(plan.places.indices.filter { plan.places[$0].use == .leased }) == owned)
      }
    }
  }
}
