/// What the model that a field belongs to says about it.
enum FieldContext: Sendable {
  case person, care, thing, unknown
  /// A machine, a game, an experiment, goods: what sounds like care is none.
  case apart

  init(_ model: String?) {
    guard let model else {
      self = .unknown
      return
    }
    let words = FieldTokens(model).words
    let names = words + [words.joined()]
    if names.contains(where: Self.clinical.contains) {
      self = .care
    } else if names.contains(where: Self.persons.contains) {
      self = .person
    } else if names.contains(where: Self.silent.contains) {
      self = .unknown
    } else {
      self = names.contains(where: Self.machines.contains) ? .apart : .thing
    }
  }

  /// True for a model whose fields show that it is about people, whatever its name says.
  init(_ model: String?, hasPersons: Bool) {
    let named = FieldContext(model)
    self = hasPersons && (named == .thing || named == .apart) ? .person : named
  }

  private static let persons = FieldWords.set(
    """
    patient patients person people user users customer client member employee contact student
    guest tenant applicant candidate physician doctor nurse practitioner staff subscriber visitor
    profile userprofile account_holder borrower individual guardian parent child relative passenger
    paciente paziente kunde adres address indirizzo adresse card visitor session coverage health_insurance
    insurance insurancepolicy personal sole trader wearable booking userlocation sms
    """)
  private static let clinical = FieldWords.set(
    """
    encounter visit admission condition observation diagnosis medication prescription prescrizione
    medicationorder medication_request immunization vitals vital laborder labevent lab_result
    measurement obs consultation consult radiologyreport radiology procedure allergy pregnancy
    obstetrics moodentry healthlog claim note session therapysession treatment careplan
    """)

  /// Models that say nothing of whose their fields are.
  private static let silent = FieldWords.set("secret")
  private static let machines = FieldWords.set(
    """
    abtest experiment match game car vehicle engine telemetry product menuitem recipe ingredient
    """)
  /// Words of care that machines, games, experiments and goods have too.
  static let borrowed = FieldWords.set(
    """
    treatment injury diagnostic diagnostics allergen allergens symptom symptoms pulse pressure
    temperature weight height dose therapy
    """)

  /// Names that a person's model makes somebody's, and another thing's model nobody's.
  static let ofPersons = FieldWords.set(
    """
    postal_code name nombre nome nom navn namn naam nimi email phone fax address city county district state zip location lat lng lon latitude
    longitude display_name alias code number homepage website url url_photo picture image
    account_balance balance key secret pin pin_code jwt private_key certificate_number customer_number
    serial_number to_number tracking_id tin ein abn vat taxvat tax_id policy_number member_id
    subscriber_id test_score cap district neighborhood routing_number wallet_address pan exp_month
    exp_year host_name mail_address reply_to_email photo family_size
    """)
  /// Names that a clinical model, or a person's, makes health data.
  static let ofCare = FieldWords.set(
    """
    weight weight_kg height height_cm temperature pulse pressure frequency dose dosage code value value_text status
    notes note note_text text summary result test_result onset onset_date_time impression complaint
    ward procedure rr hr bp mood condition conditions treatment poids groesse groesse_cm grosse grosse_cm gewicht peso
    sleep_hours step_count due_date therapy_type allergen social_history sexual_activity
    dietary_restrictions food_allergies drug_name farmaco compte_rendu vaccine_name encounter_type
    value_quantity parity snomed_code clinical_status diagnosis dictation_text
    """)
}
