/// Words of operation, of things, and of what nobody can tell.
enum PlainWords {
  /// A name that ends in one of these is about a number, a setting or a state of something.
  static let heads = FieldWords.set(
    """
    count counts counter anzahl cnt enabled disabled required verified validated format template
    policy limit quota size length width height_px queue retries retry sent per_day version versions
    flag type day requested allowed visible supported pct percent percentage rate ratio avg average sum min
    max ttl timeout interval config setting settings option options schema catalog index_name path
    endpoint host port server handler listener provider_type brand model os family theme layout
    color colour icon label labels tooltip placeholder hint validation decoder checker buffer bytes
    credits usage expires_at expiry_policy campaign discount currency tier vat_rate
    hours schedule duration calls jack style zoom range_min range_max fee cost
    verifiziert verificado verifie geverifieerd zweryfikowany url_template parser
    """)
  /// A name that begins with one of these says whether or how many.
  static let leads = FieldWords.set(
    """
    is has can should needs send allow enable disable require show hide max min total avg average
    num number_of count total_number nombre_de default per noreply
    """)
  /// Whole names about things and operation.
  static let names = FieldWords.set(
    """
    file_name filename host_name hostname table_name db_name database_name class_name tag_name
    domain_name store_name company_name org_name organization_name facility_name hospital_name
    school_name bucket_name queue_name event_name function_name method_name variable_name
    template_name metric_name key_name sheet_name server_name service_name product_name plan_name
    campaign_name test_name macro_name column_name field_name project_name team_name group_name
    role_name permission_name category_name brand_name model_name driver_version display_name_format
    carrier topic index slug uuid guid pk sku isbn ean upc barcode checksum etag locale language
    timezone created_at updated_at deleted_at inserted_at modified_on scheduled_at finished_at
    deleted enabled active sort_order rank priority quantity qty amount price total subtotal
    shipping_method payment_method payment_status order_status http_status error_code status_code
    response_time content_type file_size encoding terms_version tos_accepted newsletter_opt_in
    marketing_opt_in do_not_call consent_version cookie_consent privacy_policy_version
    address_book address_book_id home_directory state_machine subnet_mask gateway_ip ip_version
    base_address contract_address host_address postal_service zip_file unzip_path ip_pool
    health_check health_check_url health_check_path health_points health_endpoint release_notes
    crash_symptom air_conditioning body_html body_class footer_html terms_and_conditions
    conditional_format stored_procedure procedure_cache test_suite hospital_bed tire_pressure
    shipping_weight stroke_width pulse_width notebook_id footnote footnotes heartbeat heartbeat_at
    virus_scan cpu_temperature cold_storage mortality_rate credit_note balance_sheet wage_index
    load_balancer salary_range salary_range_min salary_range_max bank_holiday tin_roof pin_to_top
    compass pass_rate passive_mode bypass_cache password_changed_at password_expires_at
    username_changed_at last_login_at last_sign_in_at member_since device_model card_brand card_type
    account_type account_status user_role license_type visa_accepted mac_os_version cookie_ttl
    country_calling_code headphone_jack phone_os phone_model cell_format cell_index mail_server
    mailer_version email_opt_in mailbox mailbox_quota smtp_host email_format email_template
    gift_wrap stock stock_level warehouse tracking_number reference_range reference_range_low
    reference_range_high specialty_code age_limit age_rating min_age max_age average_age cache_age
    birthday_campaign birthday_discount anniversary_year birth_rate storage_class page_views
    dateiname nome_file nom_fichier nombre_archivo bestandsnaam filnavn filnamn nazwa_pliku
    tiedostonimi fajlnev nume_fisier dosya_adi nazev_souboru nome_arquivo
    eyebrow_text produktname nom_produit nombre_producto nome_prodotto nome_produto productnaam nazwa_produktu
    varenavn produktnamn tuotenimi nazev_produktu urun_adi artikelbezeichnung nom_serveur
    bestellnummer numero_commande numero_pedido numero_ordine bestelnummer numer_zamowienia
    ordrenummer ordernummer tilausnumero cislo_objednavky artikelnummer lagerbestand preis precio
    prezzo prix menge quantite cantidad quantita
    """)
  /// Names that can mean either; somebody has to look.
  static let unclear = FieldWords.set(
    """
    name title alias contact contacts sender creator author owner profile identity
    from from_email from_address sender_email support_email business_phone company_phone office_address
    phone_extension api_key secret token hash signature fingerprint device user_agent browser_info
    vat_number tax_id license_number registration_number permit policy_number plan_code payer
    payer_name insurance_provider insurer bank_name bic swift routing_number cnpj_number
    condition condition_code treatment_code procedure test result results report record order
    dose dosage frequency bed ward stage grade score value status state code type reference ref
    admission visit case history diet dietary_preference dietary_requirements meal_preference
    blood oxygen pulse pressure temperature weight height hr bp rr tx sx vaccine_code allergen loinc
    ndc medication_id appointment_type risk_category disability_benefit score_value
    image picture photo url website key number serial position location latitude longitude lat lng
    lon geo geohash account balance company department permission period cycle multiple_birth
    birth_order num_dependents twin_flag deceased_boolean multiple_birth_boolean deceased alive twin is_minor exp_date seating_preference carrier_name state_code domain
    comment comments remark remarks description details summary note message message_body body text
    content bio about about_me attachment attachments document_url file_url payload metadata
    attributes custom_data extra_data json_blob feedback answers survey_response review_text
    transcript recording_url voicemail_url freeform explanation additional_information request_body
    response_body error_message stack_trace query_text last_search interests custom form_data
    reason_text incident_description customer_note delivery_notes call_transcript
    notiz notizen bemerkung bemerkungen hinweise hinweis anmerkung commentaire commentaires remarque observations nota
    notas observaciones observacao observacoes comentario annotazioni osservazioni opmerking opmerkingen toelichting uwagi
    poznamka poznamky anteckning anteckningar bemaerkninger merknader lisatiedot huomautus megjegyzes
    age age_group age_band age_years birth_year year_of_birth gender gender_code sex country region county city
    town municipality province occupation job_title profession industry education education_level
    language_spoken preferred_language salutation honorific suffix name_suffix zip_prefix email_domain
    income_bracket number_of_children dependents graduation_year customer_segment
    alter geschlecht land ort bundesland beruf anrede edad sexo pais ciudad ocupacion estado nombre
    nom nome cap clave genre sexe civilite pays ville departement profession_exercee eta sesso citta
    paese professione idade cidade escolaridade leeftijd geslacht beroep wiek plec miejscowosc
    alder kon kjonn ika sukupuoli nem kor eletkor cinsiyet yas vek pohlavi mesto
    krankenkasse kasse mutuelle zorgverzekeraar behandlung behandeling rezept ricetta ust_idnr
    partita_iva bankleitzahl rg stato
    """)
  /// Words of persons: an id of one links to a person.
  static let persons = FieldWords.set(
    """
    patient person user member customer client employee student author owner creator sender receiver
    recipient guardian parent beneficiary subscriber physician doctor provider nurse clinician
    prescriber prescriber_npi practitioner assignee family household visitor guest tenant applicant candidate
    attending_physician contact salesforce_contact encounter specimen session visitor_session pt
    paciente kunde kunden klient cliente utilisateur usuario utente medewerker potilas pacjent
    """)
  /// Names that say who did something.
  static let actors = FieldWords.set(
    """
    created_by updated_by modified_by deleted_by assigned_to approved_by reviewed_by performed_by
    policy_id prescriber_npi ordered_by uploaded_by numero_client kundennummer numero_cliente attending_physician_id encounter_number
    """)
  /// Names of texts that can hold anything.
  static let freeText = FieldWords.set(
    """
    notes note comment comments remark remarks description details summary message message_body
    body text content bio transcript attributes metadata answers interests file_url custom payload
    """)
  /// Names of texts that are a clinician's or a user's.
  static let notes = FieldWords.set("notes note text summary status code value result")
  /// Words that say nothing behind another: `order_state` is about an order.
  static let weak = FieldWords.set(
    """
    type status state code value number url key order report record position cycle permission
    period serial condition result results test case reference ref grade stage score balance account
    title device domain company department image language eyebrow name hash lat lng policy
    """)
}
