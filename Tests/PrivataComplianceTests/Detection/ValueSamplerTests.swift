import PrivataCompliance
import PrivataCore
import PrivataTesting
import Testing

@Suite struct ValueSamplerTests {
  private func kinds(_ text: String) -> Set<SampledKind> {
    let found = ValueSampler().findings(in: [["x": .string(text)]])
    return Set(found.map(\.kind))
  }

  @Test(arguments: [
    ("ada@example.org", SampledKind?.some(.email)), ("call ada@example.org now", .email),
    ("ada@example", nil), ("@home", nil), ("DE89 3704 0044 0532 0130 00", .iban),
    ("DE89370400440532013001", nil), ("4111 1111 1111 1111", .card), ("4111111111111112", nil),
    ("123-45-6789", .socialSecurity), ("000-45-6789", nil), ("666-45-6789", nil),
    ("923-45-6789", nil), ("123456789", nil), ("192.168.1.20", .ipAddress),
    ("192.168.1.256", nil), ("1.2.3", nil), ("+49 30 1234567", .phone), ("2024-05-06", nil),
    ("1234567890", nil), ("RSSMRA85T10A562S", .nationalID), ("RSSMRA85T10A562X", nil),
    ("44051401359", .nationalID), ("44051401358", nil), ("529.982.247-25", .nationalID),
    ("529.982.247-26", nil), ("131052-308T", .nationalID), ("131052-308U", nil),
    ("northern ward", nil), ("", nil),
  ])
  func knowsValuesByTheirForm(_ text: String, _ kind: SampledKind?) {
    #expect(kinds(text) == (kind.map { [$0] } ?? []))
  }

  @Test func findsThemInFieldsOfAnyName() async throws {
    let store = MemoryStore(name: "sampled")
    let model = ModelSchema(
      name: "Raw", collection: "raw", fields: [FieldSchema("_id", .int32, isOptional: false)],
      isOpen: true)
    try await store.prepare([model])
    var records: [Document] = []
    for number in 0..<40 {
      records.append([
        "_id": .int(number), "data1": .string("person\(number)@example.org"),
        "blob": .string("{\"a\":[{\"b\":\"123-45-6\(number + 100)\"}]}"),
        "text": number < 4 ? "please write to bob@example.org" : "nothing",
        "number": .string(String(100_000_000 + number * 7_654_321)),
      ])
    }
    _ = try await store.write(.insert(Insert(model, .documents(records))))
    let found = try await ValueSampler(rows: 30).sample(model, in: store)
    let byField = Dictionary(grouping: found, by: \.field)
    #expect(byField["data1"]?.map(\.kind) == [.email] && byField["data1"]?.first?.share == 1)
    #expect(byField["data1"]?.first?.total == 30)
    #expect(byField["blob.a.b"]?.map(\.kind) == [.socialSecurity])
    #expect(byField["text"]?.first?.count == 4)
    #expect(byField["number"] == nil)
    let output = "\(found)"
    #expect(!output.contains("example.org") && !output.contains("123-45"))
  }

  @Test func stopsAtItsBudget() {
    let records: [Document] = (0..<100).map { _ in ["x": .string("ada@example.org")] }
    let found = ValueSampler(rows: 100, bytes: 150).findings(in: records)
    #expect(found.first.map { $0.total < 15 } == true)
  }
}
