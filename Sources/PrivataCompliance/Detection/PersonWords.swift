/// Words of what identifies, contacts, authenticates or finances a person.
enum PersonWords {
  static let names = FieldWords.set(
    """
    first_name last_name full_name given_name family_name middle_name maiden_name legal_name
    preferred_name birth_name display_name_of_person surname forename nickname nick_name known_as
    middle_initial initials fname lname mname fullname person_name patient_name client_name
    customer_name cust_name cust_nm pt_name pt_nm contact_name contact_person emergency_contact
    emergency_contact_name ice_contact next_of_kin kin_name guardian_name parent_name mother_name
    father_name spouse_name child_name sibling_name relative_name partner_name witness_name
    tenant_name landlord_name owner_name holder_name account_holder card_holder cardholder
    cardholder_name name_on_card passenger_name guest_name visitor_name student_name teacher_name
    employee_name staff_name nurse_name doctor_name physician_name provider_full_name pcp_name
    surgeon_name therapist_name prescriber_name referring_physician attending_physician_name
    applicant_name beneficiary_name payee_name payer_full_name recipient_name sender_name
    signer_name signed_by_name signatory author_name user_full_name billing_name shipping_name
    ship_to_name bill_to_name salutation_name attention_to social_name policyholder_name
    insured_name subscriber_name dependent_name member_name caregiver_name interpreter_name
    billing_last_name billing_first_name mother_maiden spouse_full_name alias_name caller_name
    vorname nachname familienname geburtsname zuname mieter_name kontoinhaber ansprechpartner
    versicherungsnehmer patientenname rufname ehepartner mutter_name
    prenom prenoms nom_de_famille nom_complet nom_naissance nom_usuel nom_patient nom_jeune_fille medecin_traitant
    nombre_completo apellido apellidos primer_apellido segundo_apellido apellido_paterno
    apellido_materno medico_cabecera titular_cuenta nombre_paciente
    cognome nome_cognome nome_completo nome_mae nome_pai nome_social sobrenome apelido nome_paziente
    medico_curante nome_paciente
    achternaam voornaam voorletters tussenvoegsel roepnaam meisjesnaam huisarts
    imie nazwisko nazwisko_panienskie imie_nazwisko drugie_imie
    efternavn fornavn etternavn fornamn efternamn tilltalsnamn mellomnavn fastlege mellemnavn
    jmeno prijmeni rodne_prijmeni jmeno_prijmeni priezvisko
    etunimi sukunimi etunimet kutsumanimi perekonnanimi eesnimi
    vezeteknev keresztnev csaladnev anyja_neve leanykori_nev
    prezime ime_prezime ime_i_prezime uzvards vards pavarde vardas ainm_sloinne
    nume_familie prenume nume_complet soyad soyadi ad_soyad
    onomateponymo eponymo onoma_eponymo фамилия собствено_име имя отчество име
    """)
  static let contacts = FieldWords.set(
    """
    email emails mail_address mailaddress e_mail_address primary_email contact_email
    mailadresse emailadres e_mailadres epost epostadress epostadresse courriel adresse_mail
    adresse_electronique correo correo_electronico posta_elettronica e_posta eposta sahkoposti
    adres_email
    phone phones telephone telephone_number phone_number mobile mobile_number mobile_no cell_phone
    cellphone cell_number telno tel tel_no phn ph_no mob_no home_phone work_phone fax_number fax_no
    fax msisdn caller_id contact_no contact_number pager_number phone_home phone_work phone_cell
    daytime_phone evening_phone text_phone landline whatsapp whatsapp_number
    handynummer telefonnummer telefon festnetz mobilnummer rufnummer mobiltelefon
    telefono telefono_fijo movil celular numero_telefono cellulare telefone telemovel numero_celular
    numero_telephone tel_portable tel_fixe portable telefoonnummer mobiel mobiel_nummer telefoon
    numer_telefonu telefon_komorkowy hemtelefon telefonni_cislo telefonszam puhelin puhelinnumero
    cep_telefonu tilefono kinito telefonnr mobil
    """)
  static let places = FieldWords.set(
    """
    address addr home_address mailing_address street_address residential_address current_address
    permanent_address billing_address shipping_address delivery_address postal_address
    correspondence_address temp_address address_line address_line_1 address_freeform ship_to_addr
    mailing_addr street street_name house_number house_no apartment apt apt_no apt_number flat_no
    unit_number po_box pobox postal_code postcode post_code zip zip_code zipcode zip_plus_4
    residence domicile neighborhood billing_city home_city shipping_city patient_city birth_city
    living_at geo_address home_town
    strasse hausnummer anschrift adresse rechnungsadresse lieferadresse lieferanschrift wohnort plz
    postleitzahl ortsteil wohnadresse
    rue numero_rue code_postal complement_adresse commune_residence voie
    direccion calle codigo_postal numero_portal domicilio direccion_envio colonia
    indirizzo via_residenza numero_civico codice_postale indirizzo_spedizione residenza
    logradouro bairro endereco cep codigo_postal morada
    straat huisnummer toevoeging woonplaats postadres factuuradres woonadres
    ulica nr_domu kod_pocztowy adres adres_zamieszkania numer_mieszkania
    gatuadress postnummer gateadresse vejnavn gadenavn husnummer postadress
    ulice psc adresa adresa_bydliste cislo_popisne cod_postal adresa_domiciliu strada
    katuosoite postinumero osoite lakcim iranyitoszam utca hazszam ev_adresi posta_kodu adresi
    dieuthynsi dieuthynsi_katoikias tachydromikos_kodikas
    gps gps_track gps_coordinates home_latitude home_longitude user_latitude user_lat user_lng
    home_coordinates last_location last_known_location device_location geofence_home patient_geocode
    pickup_lat pickup_lng dropoff_lat dropoff_lng current_location home_location
    """)
  static let births = FieldWords.set(
    """
    dob birth_date birthdate date_of_birth birthday bday b_day bdate birth_dt born_on born_at born
    day_of_birth birth_day place_of_birth birth_place birthplace birth_country country_of_birth
    birth_time geburtsdatum gebdat geburtsort geburtstag date_naissance date_de_naissance
    lieu_naissance lieu_de_naissance fecha_nacimiento fecha_de_nacimiento lugar_nacimiento
    data_di_nascita data_nascita luogo_nascita data_nascimento local_nascimento geboortedatum
    geboorteplaats data_urodzenia miejsce_urodzenia fodelsedatum foedselsdato fodselsdato fodselsdag
    fodelseort syntymaaika syntymaaiika syntymapaiva datum_narozeni misto_narozeni szuletesi_datum
    szuletesi_ido szuletesi_hely dogum_tarihi dogum_yeri data_nasterii hmerominia_gennisis
    """)
  static let official = FieldWords.set(
    """
    ssn social_security_number social_security ssn_last_4 ss itin tax_payer_id taxpayer_id
    national_id national_id_number nin national_insurance_number ni_number nino nhs_number nhs_no
    chi_number passport passport_number passport_no passport_num driver_license drivers_license
    driver_licence driving_license driver_license_number dl_number dl_no driver_license_no
    license_plate identity_card identity_card_no id_card id_card_number id_number govt_id
    government_id alien_registration_number green_card_no visa_number voter_id voter_registration
    voter_registration_number birth_certificate_no aadhaar aadhar pan_number sin sin_number
    pps_number ppsn kyc_document_number resident_id work_permit_no military_id tribal_id
    sozialversicherungsnummer sv_nummer steuernummer steuer_id steueridentifikationsnummer
    ausweisnummer personalausweis personalausweisnummer reisepassnummer reisepass ahv_nummer ahv
    fuehrerscheinnummer fuehrerschein
    numero_securite_sociale num_secu numero_secu nir numero_passeport carte_identite
    numero_carte_identite permis_conduire
    dni nie nif cedula curp rfc_persona numero_seguridad_social numero_pasaporte rut_persona
    codice_fiscale numero_carta_identita carta_identita numero_passaporto patente_guida
    cpf rg_numero numero_rg titulo_eleitor cartao_cidadao nif_utente nis niss numero_passaporte
    bsn burgerservicenummer rijbewijsnummer paspoortnummer rijksregisternummer
    pesel dowod_osobisty nr_paszportu numer_dowodu nr_dowodu
    personnummer samordningsnummer fodselsnummer foedselsnummer cpr cpr_nummer cprnr cpr_nr
    hetu henkilotunnus isikukood kennitala rodne_cislo cislo_op asmens_kodas personas_kods
    oib jmbg emso cnp egn afm amka αμκα arithmos_taftotitas tc_kimlik tc_kimlik_no tckn
    szemelyi_szam taj_szam adoazonosito taxvat
    """)
  static let accounts = FieldWords.set(
    """
    medical_record_number medical_record_no mrn med_rec_num chart_number patient_number
    patient_identifier patient_no ehr_number empi pubpid hospital_no hospital_number
    numero_prontuario health_card_number health_card ohip ohip_number hicn hcn mbi
    medicare_number medicaid_number insurance_policy_number insurance_number insurance_id
    insurance_group_no insured_id insured_id_number subscriber_id health_plan_beneficiary
    health_plan_beneficiary_no beneficiary_number member_number group_number_of_member rx_bin_member_id
    kvnr krankenversichertennummer versichertennummer carte_vitale tessera_sanitaria
    tarjeta_sanitaria numero_utente numero_utente_saude numero_afiliado numero_carteirinha
    zorgpolisnummer
    iban bank_account bank_account_number account_number account_no acct_no acct_num
    bank_account_holder payout_account routing_number_personal mortgage_account loan_number
    sepa_mandate sepa_mandate_ref kontonummer numero_compte cuenta_bancaria numero_cuenta
    conto_corrente rekeningnummer numer_konta bankkonto tilinumero
    salary base_salary salary_amount wage wages hourly_rate hourly_wage net_worth fico credit_score
    annual_income income bonus_amount debt_amount pension_number pension gehalt bruttolohn
    nettoeinkommen nettolohn einkommen lohn salaire salaire_brut salaire_net sueldo salario
    stipendio brutoloon nettoloon wynagrodzenie zarobki lon palkka
    card_number credit_card credit_card_number debit_card cc_number cc_num ccnum cvv cvc cvv2
    card_cvc card_expiry card_expiration card_last_4 card_fingerprint exp_month exp_year
    card_holder_number card_pan
    loyalty_card_number frequent_flyer_number library_card_no employee_number badge_number student_no
    student_number matriculation_number matrikelnummer professional_license_no nursing_license
    medical_license medical_license_number member_card_no customer_number_of_person
    """)
  static let secrets = FieldWords.set(
    """
    password passwd pwd pswd user_pass passphrase password_hash encrypted_password password_digest
    password_salt pin_hash mfa_secret totp_secret otp_secret two_factor_secret recovery_codes
    backup_codes security_question security_answer secret_answer secret_question reset_password_token
    access_token refresh_token session_token auth_token magic_link_token webauthn_credential
    jwt pin login_token remember_token id_token bearer_token private_key_of_user
    passwort kennwort wachtwoord mot_de_passe motdepasse contrasena clave_acceso senha palavra_passe
    parola_chiave parola haslo heslo losenord passord adgangskode salasana jelszo sifre
    """)
  static let online = FieldWords.set(
    """
    ip_address client_ip remote_addr visitor_ip last_login_ip last_ip lastip sign_in_ip login_ip
    current_sign_in_ip registration_ip x_forwarded_for ip_addr user_ip source_ip customer_ip
    adresse_ip mac_address mac_addr imei imsi udid device_id device_fingerprint android_id
    browser_fingerprint fcm_token push_token device_token advertising_id idfa gaid sim_serial iccid
    device_serial hearing_aid_serial pacemaker_serial device_serial_number
    username user_name login login_name screen_name twitter_handle twitter_username github_username
    skype_id slack_user_id steam_id discord_id google_id facebook_id apple_id linkedin_url gamertag
    instagram_handle telegram_id personal_website visitor_id anonymous_id ga_client_id fbp tracking_cookie
    vin license_plate_number plate_no plate_number car_reg kenteken kfz_kennzeichen kennzeichen
    fahrgestellnummer plaque_immatriculation targa registration_plate vehicle_registration
    matricula_vehiculo
    """)
  static let body = FieldWords.set(
    """
    face_encoding face_embedding face_image facial_template face_template voice_print voiceprint
    fingerprint_template fingerprint_data retina_scan iris_scan palm_print biometric_hash
    biometric_template biometrics keystroke_profile signature_svg signature_image signature_data
    photo_url profile_photo profile_picture profile_image profile_pic avatar avatar_url headshot
    selfie selfie_image mugshot portrait portrait_url id_photo id_document_front id_document_back
    passport_scan passport_photo driver_license_image id_scan
    race ethnicity ethnic_origin ethnic_group race_concept_id tribe religion faith religious_belief
    political_views political_party political_affiliation political_opinion trade_union
    trade_union_membership union_membership sexual_orientation gender_identity pronouns
    dietary_religion philosophical_belief caste
    religionszugehoerigkeit konfession afiliacion_sindical origen_etnico religion_affiliation
    immigration_status citizenship nationality military_status marital_status civil_status
    household_members family_size staatsangehoerigkeit staatsangehorigkeit familienstand nationalite
    nacionalidad nazionalita nacionalidade nationaliteit nationalitet obywatelstwo stan_cywilny
    estado_civil stato_civile etat_civil situation_familiale burgerlijke_staat civilstand sivilstand
    criminal_record convictions conviction parole_status arrest_record sex_offender sex_offender_flag
    bankruptcy_flag background_check
    employment_history work_history performance_rating performance_review termination_reason
    reference_letter cover_letter cv_url resume_url resume curriculum_vitae lebenslauf
    transcript_url gpa grade_point_average detention_record
    """)

  /// Everything together.
  static let all =
    names.union(contacts).union(places).union(births).union(official).union(accounts)
    .union(secrets).union(online).union(body)

  /// Parts of words in languages that write words together.
  static let stems = FieldWords.list(
    """
    telefon adresse anschrift strasse nachname vorname geburts versicherungsnummer ausweis passwort
    kontonummer handynummer sozialversicherung steueridentifikation personnummer achternaam geboorte
    telefoon telefonszam lakcim epostadr mailadress postleitzahl gehalt staatsangehoerig
    familienstand nummernschild puhelin rekeningnummer wachtwoord fodsels fodelse personalausweis
    """)
}
