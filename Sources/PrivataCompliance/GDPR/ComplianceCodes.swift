public import PrivataCore

extension PrivataError.Code {
  /// The purpose is in no register; the message names it.
  public static let unknownPurpose = PrivataError.Code("unknownPurpose")
  /// The fields were not collected for this purpose.
  public static let purposeDenied = PrivataError.Code("purposeDenied")
  /// The purpose has no ground for data of a special category.
  public static let specialCategoryGround = PrivataError.Code("specialCategoryGround")
  /// The decision may not be made by a program alone.
  public static let automatedDecisionNotAllowed = PrivataError.Code("automatedDecisionNotAllowed")
  /// The person was not told what the law says they must be told first.
  public static let noticeRequired = PrivataError.Code("noticeRequired")
  /// Who asks has not proven who they are.
  public static let identityUnverified = PrivataError.Code("identityUnverified")
  /// There is no valid contract with the processor.
  public static let processorContract = PrivataError.Code("processorContract")
  /// The record has a field that its model does not declare.
  public static let undeclaredField = PrivataError.Code("undeclaredField")
  /// Who a person is cannot be told from what the vault has any more.
  public static let notIdentifiable = PrivataError.Code("notIdentifiable")

  /// The codes of what the vault did not let happen: audited as refused.
  static let refusals: Set<PrivataError.Code> = [
    .accessDenied, .unknownPurpose, .purposeDenied, .specialCategoryGround,
    .automatedDecisionNotAllowed, .noticeRequired, .identityUnverified, .processorContract,
    .undeclaredField, .consentRequired, .contextRequired, .sessionExpired, .proofRequired,
    .approvalRequired, .subjectErased,
  ]
}
