import PrivataCore
import Testing

@Suite struct TransportTests {
  @Test(arguments: [
    "localhost", "LocalHost:5432", "127.0.0.1", "127.0.0.1:27017", "127.8.9.10", "::1",
    "[::1]:5432",
    "/var/run/postgresql", "/tmp/mongodb-27017.sock",
  ])
  func knowsThisMachine(host: String) {
    #expect(StoreTraits.Transport(hosts: [host], isVerified: false) == .inside)
  }

  @Test(arguments: [
    "db.example", "db.example:5432", "localhost.example.com", "127.example.com", "127.0.0.1.nip.io",
    "127.0.0", "10.0.0.1", "[2001:db8::1]:5432", "2001:db8::1", "my.sock.example.com", "",
  ])
  func takesNothingElseForIt(host: String) {
    #expect(StoreTraits.Transport(hosts: [host], isVerified: false) == .plain)
    #expect(StoreTraits.Transport(hosts: [host], isVerified: true) == .verified)
  }

  @Test func oneHostElsewhereCountsForAll() {
    let hosts = ["localhost", "db.example"]
    #expect(StoreTraits.Transport(hosts: hosts, isVerified: false) == .plain)
  }

  @Test func addressesThatAreLookedUpLaterAreElsewhere() {
    #expect(StoreTraits.Transport(hosts: [], isVerified: false) == .plain)
  }
}
