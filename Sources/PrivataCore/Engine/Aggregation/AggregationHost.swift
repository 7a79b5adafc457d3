/// A store over whose records ``Aggregation`` runs pipelines.
package protocol AggregationHost: Store {
  /// The model of another collection, in the namespace of the model that is aggregated; `nil` where
  /// there is no such collection, which then is empty.
  func model(
    ofCollection collection: String, beside model: ModelSchema
  ) async throws(PrivataError) -> ModelSchema?
}

/// Reads the other collections of a pipeline, each set of records once per run.
final class ForeignRecords<Host: AggregationHost> {
  private struct Request: Hashable {
    let collection: String
    let filter: Document
  }

  private let host: Host
  private let model: ModelSchema
  private let options: QueryOptions?
  private var known: [Request: [Document]] = [:]

  init(_ host: Host, beside model: ModelSchema, _ options: QueryOptions?) {
    self.host = host
    self.model = model
    self.options = options
  }

  /// The records that match, and maybe more.
  func read(
    _ collection: String, _ filter: Document
  ) async throws(PrivataError) -> [Document] {
    let request = Request(collection: collection, filter: filter)
    if let records = known[request] { return records }
    var records: [Document] = []
    let other =
      collection == model.collection
      ? model : try await host.model(ofCollection: collection, beside: model)
    if let other {
      let query = Query(
        other, where: filter.isEmpty ? .all : .document(filter), options: options)
      records = try await host.rows(for: query).documents
    }
    known[request] = records
    return records
  }
}
