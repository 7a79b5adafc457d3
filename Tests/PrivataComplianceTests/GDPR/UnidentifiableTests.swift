import PrivataCompliance
import PrivataCore
import PrivataSQLite
import TestSupport
import Testing

@Suite struct UnidentifiableTests {
  private func erased(_ clinic: FileClinic) async throws -> Pseudonym {
    let proof = try await clinic.gdpr.rightToErasure(
      FileClinic.ada, .init(requestedBy: FileClinic.ada, reason: "r", legalBasis: .article17))
    return try #require(proof.pseudonym)
  }

  @Test func whoIsErasedIsNotIdentifiableWithoutTheReceipt() async throws {
    let clinic = try await FileClinic()
    #expect(await code { _ = try await clinic.gdpr.rightToAccess(ObjectID()) } == .notFound)
    let receipt = try await erased(clinic)
    let refused = await failure { _ = try await clinic.gdpr.rightToAccess(FileClinic.ada) }
    #expect(refused?.code == .notIdentifiable && refused?.message.contains("11(2)") == true)
    let sections = try await clinic.gdpr.unlinkedRecords(receipt: receipt)
    #expect(sections.map(\.model) == ["Patient", "Session"])
    #expect(sections.first?.records.first?["diagnosis"] == "canary-disease")
    #expect(sections.last?.records.map { $0["summary"] } == ["canary-note"])
    let texts = sections.flatMap(\.records).map { $0.extendedJSON(.relaxed) }.joined()
    #expect(!texts.contains("Ada") && !texts.contains(receipt.text) && !texts.contains("J45"))
    await clinic.close()
  }

  /// A text that could be a pseudonym.
  private func guessed() -> String { SecurePseudonyms().next().text }

  /// The pseudonyms of persons who are linked.
  private func links(_ clinic: FileClinic) async throws -> [String] {
    let raw = try await StoreSource.sqlite(clinic.folder + "/identity.db").open()
    let model = ModelSchema(
      name: "Raw", collection: "patients",
      fields: [FieldSchema("_id", .objectID), FieldSchema("pseudonym", .string)])
    let rows = try await raw.rows(for: Query(model)).documents
    await (raw as? any AdministrableStore)?.close()
    return rows.compactMap { $0["pseudonym"]?.asString }
  }

  @Test func noGuessOpensAnything() async throws {
    let clinic = try await FileClinic()
    _ = try await erased(clinic)
    for _ in 0..<300 {
      let guess = try #require(Pseudonym(guessed()))
      #expect(
        await code { _ = try await clinic.gdpr.unlinkedRecords(receipt: guess) }
          == .notIdentifiable)
    }
    // The pseudonym of somebody who is linked opens nothing either.
    let raw = try await links(clinic)
    #expect(raw.count == 1)
    for link in raw {
      let known = try #require(Pseudonym(link))
      #expect(
        await code { _ = try await clinic.gdpr.unlinkedRecords(receipt: known) }
          == .notIdentifiable)
    }
    await clinic.close()
  }

  @Test func aReportIsAPageThatPeopleRead() async throws {
    let clinic = try await FileClinic()
    let report = try await clinic.gdpr.rightToAccess(FileClinic.ada)
    for (language, title, email, disease) in [
      ("de", "Ihre Daten", "E-Mail-Adresse", "Krankheit"),
      ("fr", "Vos données", "Courriel", "Maladie"),
      ("en", "Your data", "E-mail address", "Disease"),
    ] {
      var labels = ReportLabels(language: language)
      labels.fields = ["report": title, "Patient.email": email]
      labels.values = ["Patient.diagnosis": ["canary-disease": disease]]
      let page = report.html(labels)
      #expect(page.contains("lang=\"\(language)\"") && page.contains("<h1>\(title)</h1>"))
      #expect(page.contains("<th>\(email)</th>") && !page.contains(">email<"))
      #expect(page.contains("\(disease) (canary-disease)"))
      // What has no label is called by its name in words.
      #expect(page.contains("<th>Created at</th>") || !page.contains("createdAt"))
      #expect(report.unlabelled(labels).contains("Patient.name"))
    }
    await clinic.close()
  }
}
