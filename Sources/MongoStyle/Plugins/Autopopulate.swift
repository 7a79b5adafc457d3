public import PrivataCore

/// Populates paths on every read.
///
/// ```swift
/// schema.plugin(Autopopulate("user clinic"))
/// ```
public struct Autopopulate: SchemaPlugin {
  private let requests: [PopulateRequest]

  /// Populates these paths.
  public init(_ paths: String, select: Value = .undefined) {
    requests = PopulateRequest.parse(.string(paths), select: select)
  }

  /// Populates by these requests.
  public init(_ requests: PopulateRequest...) { self.requests = requests }

  public func apply(to schema: inout Schema) {
    let requests = requests
    schema.pre(query: .find, .findOne, .findOneAndUpdate) { query in
      for request in requests where !query.populations.contains(where: { $0.path == request.path })
      { query.add(request) }
    }
  }
}
