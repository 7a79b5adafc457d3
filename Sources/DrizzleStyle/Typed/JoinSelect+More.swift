public import PrivataCore

// MARK: - From 2 tables to 3

extension JoinSelect {
  /// Adds the records of another model that fulfil the condition.
  public func innerJoin<A, B, Other: Model>(
    _ other: ModelTable<Other>, on condition: SQL
  ) -> JoinSelect<Parts3<A, B, ModelPart<Other>>>
  where Parts == Parts2<A, B> {
    adding(.inner, other.source, condition)
  }

  /// As `innerJoin(_:on:)`, with `nil` where no record fulfils the condition.
  public func leftJoin<A, B, Other: Model>(
    _ other: ModelTable<Other>, on condition: SQL
  ) -> JoinSelect<Parts3<A, B, Empty<ModelPart<Other>>>>
  where Parts == Parts2<A, B> {
    adding(.left, other.source, condition)
  }

  /// All records of the other model, with `nil` for what was joined before where none fulfils the
  /// condition.
  public func rightJoin<A, B, Other: Model>(
    _ other: ModelTable<Other>, on condition: SQL
  ) -> JoinSelect<Parts3<Empty<A>, Empty<B>, ModelPart<Other>>>
  where Parts == Parts2<A, B> {
    adding(.right, other.source, condition)
  }

  /// All records of both sides.
  public func fullJoin<A, B, Other: Model>(
    _ other: ModelTable<Other>, on condition: SQL
  ) -> JoinSelect<Parts3<Empty<A>, Empty<B>, Empty<ModelPart<Other>>>>
  where Parts == Parts2<A, B> {
    adding(.full, other.source, condition)
  }
}

// MARK: - From 3 tables to 4

extension JoinSelect {
  /// Adds the records of another model that fulfil the condition.
  public func innerJoin<A, B, C, Other: Model>(
    _ other: ModelTable<Other>, on condition: SQL
  ) -> JoinSelect<Parts4<A, B, C, ModelPart<Other>>>
  where Parts == Parts3<A, B, C> {
    adding(.inner, other.source, condition)
  }

  /// As `innerJoin(_:on:)`, with `nil` where no record fulfils the condition.
  public func leftJoin<A, B, C, Other: Model>(
    _ other: ModelTable<Other>, on condition: SQL
  ) -> JoinSelect<Parts4<A, B, C, Empty<ModelPart<Other>>>>
  where Parts == Parts3<A, B, C> {
    adding(.left, other.source, condition)
  }

  /// All records of the other model, with `nil` for what was joined before where none fulfils the
  /// condition.
  public func rightJoin<A, B, C, Other: Model>(
    _ other: ModelTable<Other>, on condition: SQL
  ) -> JoinSelect<Parts4<Empty<A>, Empty<B>, Empty<C>, ModelPart<Other>>>
  where Parts == Parts3<A, B, C> {
    adding(.right, other.source, condition)
  }

  /// All records of both sides.
  public func fullJoin<A, B, C, Other: Model>(
    _ other: ModelTable<Other>, on condition: SQL
  ) -> JoinSelect<Parts4<Empty<A>, Empty<B>, Empty<C>, Empty<ModelPart<Other>>>>
  where Parts == Parts3<A, B, C> {
    adding(.full, other.source, condition)
  }
}

// MARK: - From 4 tables to 5

extension JoinSelect {
  /// Adds the records of another model that fulfil the condition.
  public func innerJoin<A, B, C, D, Other: Model>(
    _ other: ModelTable<Other>, on condition: SQL
  ) -> JoinSelect<Parts5<A, B, C, D, ModelPart<Other>>>
  where Parts == Parts4<A, B, C, D> {
    adding(.inner, other.source, condition)
  }

  /// As `innerJoin(_:on:)`, with `nil` where no record fulfils the condition.
  public func leftJoin<A, B, C, D, Other: Model>(
    _ other: ModelTable<Other>, on condition: SQL
  ) -> JoinSelect<Parts5<A, B, C, D, Empty<ModelPart<Other>>>>
  where Parts == Parts4<A, B, C, D> {
    adding(.left, other.source, condition)
  }

  /// All records of the other model, with `nil` for what was joined before where none fulfils the
  /// condition.
  public func rightJoin<A, B, C, D, Other: Model>(
    _ other: ModelTable<Other>, on condition: SQL
  ) -> JoinSelect<Parts5<Empty<A>, Empty<B>, Empty<C>, Empty<D>, ModelPart<Other>>>
  where Parts == Parts4<A, B, C, D> {
    adding(.right, other.source, condition)
  }

  /// All records of both sides.
  public func fullJoin<A, B, C, D, Other: Model>(
    _ other: ModelTable<Other>, on condition: SQL
  ) -> JoinSelect<Parts5<Empty<A>, Empty<B>, Empty<C>, Empty<D>, Empty<ModelPart<Other>>>>
  where Parts == Parts4<A, B, C, D> {
    adding(.full, other.source, condition)
  }
}
