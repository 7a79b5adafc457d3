import MongoStyle
import PatientImport
import PrivataCompliance
import PrivataCore
import Testing

/// The imported people and their diagnoses as models of one connection, plain or a vault's.
struct PatientClinic: Sendable {
  let patients: MongoModel
  let conditions: MongoModel

  static let patientSchema = Schema([
    "_id": .uuid, "firstName": .string(.required, .pii), "lastName": .string(.required, .pii),
    "maidenName": .string(.pii), "prefix": .string(.pii), "ssn": .string(.pii),
    "driversLicense": .string(.pii), "passport": .string(.pii), "birthDate": .date(.pii),
    "birthPlace": .string(.pii), "address": .string(.pii), "zip": .string(.pii), "city": .string,
    "county": .string, "state": .string, "gender": .string, "maritalStatus": .string,
    "race": .string, "ethnicity": .string, "suffix": .string(.pii), "latitude": .number(.pii),
    "longitude": .number(.pii), "deathDate": .date(.phi), "expenses": .number(.phi),
    "coverage": .number(.phi),
  ])

  static let conditionSchema = Schema([
    "patient": .uuid(.ref("Patient")), "encounter": .uuid(.phi), "code": .string(.phi),
    "description": .string(.phi), "start": .date(.phi), "stop": .date(.phi),
  ])

  func fill(from files: PatientFiles) async throws {
    _ = try await patients.insertMany(
      files.patients.documents.map { document in
        var record = document
        let id = record.remove("id") ?? .null
        return Document([.init(key: "_id", value: id)] + record.elements)
      })
    _ = try await conditions.insertMany(
      files.conditions.documents.enumerated().map { place, document in
        let id = ObjectID(high: 0x636F_6E64_0000_0000, low: UInt32(place))
        return Document([.init(key: "_id", value: .objectID(id))] + document.elements)
      })
  }
}

/// A query that both sides are asked, and its name.
struct PatientQuestion: Sendable, CustomTestStringConvertible {
  var name: String
  var ask: @Sendable (PatientClinic) async throws -> Value

  var testDescription: String { name }

  init(_ name: String, _ ask: @escaping @Sendable (PatientClinic) async throws -> Value) {
    self.name = name
    self.ask = ask
  }

  /// A query for documents.
  init(find name: String, _ ask: @escaping @Sendable (PatientClinic) -> MongoQuery<[Document]>) {
    self.init(name) { clinic in
      .array(try await ask(clinic).exec().map { .document($0.sortedByKey) })
    }
  }
}

extension Document {
  /// The document with the keys of every level in order, since stores may order them differently.
  var sortedByKey: Document {
    Document(
      elements.sorted { $0.key < $1.key }.map { element in
        guard case .document(let inner) = element.value else { return element }
        return Element(key: element.key, value: .document(inner.sortedByKey))
      })
  }
}
