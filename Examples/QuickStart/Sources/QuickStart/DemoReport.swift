/// The figures of `OUT=file.json`.
struct DemoReport {
  var ok = false
  var patients = 0
  var identityRows = 0
  var clinicalRows = 0
  var erased = 0
  var auditEvents = 0
  var auditVerified = false

  var json: String {
    """
    {"ok":\(ok),"patients":\(patients),"identity_rows":\(identityRows),\
    "clinical_rows":\(clinicalRows),"erased":\(erased),"audit_events":\(auditEvents),\
    "audit_verified":\(auditVerified)}

    """
  }
}
