/// Words of health and care.
enum HealthWords {
  static let all = FieldWords.set(
    """
    diagnosis diagnoses diagnosis_text dx dx_code icd icd9 icd10 icd_code icd_codes snomed snomed_ct
    snomed_code condition_onset condition_occurrence chronic_condition chronic_conditions
    chronic_illness chronic_disease terminal_illness illness disease health_condition
    health_conditions pre_existing_conditions comorbidity comorbidities prognosis cancer_stage
    tumor_grade tumor_stage cancer primary_dx admitting_diagnosis infection clinical_status
    medication medications medicine medicines drug_name dosage_instructions prescription
    prescriptions prescription_text rx_number current_meds meds med_list medication_list dose_mg
    insulin_dose opioid_use chemo_regimen chemotherapy anticoagulant_therapy pharmacy_notes
    supplement_use refills refills_remaining medication_adherence medication_name
    allergy allergies allergen_list allergy_reaction drug_allergies food_allergies intolerance
    intolerances intolerance_list anaphylaxis anaphylaxis_history nkda
    blood_type blood_group rh_factor bloodtype blood_pressure bp_systolic bp_diastolic bp_sys bp_dia
    systolic diastolic heart_rate resting_heart_rate respiratory_rate pulse_rate oxygen_saturation
    spo2 o2sat temperature_reading body_temperature bmi body_mass_index waist_circumference
    birth_weight pain_score pain_level pain_location pain_scale apgar apgar_score gcs glasgow_coma
    glasgow_coma_score ecg ekg ecg_waveform eeg cgm_reading peak_flow ecog ecog_status hr_bpm vitals vital_signs
    lab_result lab_results lab_value lab_values test_result test_results hba1c a1c hgb hemoglobin
    hematocrit platelets wbc rbc glucose blood_glucose glucose_level cholesterol ldl hdl triglycerides
    creatinine bilirubin crp inr psa psa_level tsh egfr urinalysis biopsy biopsy_result
    pathology_report cd4 cd4_count viral_load hiv_status covid_test covid_test_result pregnancy_test
    value_quantity value_as_number valuenum culture_result specimen_result sti_test_result drug_test
    procedure_code procedure_codes procedures cpt cpt_code hcpcs hcpcs_code drg drg_code surgery
    surgeries surgical_history surgery_date operation_note anesthesia anesthesia_record anesthesia_type
    implant implants implant_type dialysis dialysis_status physical_therapy therapy_plan treatment
    treatments treatment_plan treatment_outcome tx_plan care_plan referral_reason rehab rehab_goals
    wound_description claim_procedure_codes transplant
    symptom symptoms symptom_text chief_complaint presenting_complaint complaint_text hpi ros_text
    review_of_systems onset_of_symptoms cough_type
    medical_history past_medical_history pmh family_history family_medical_history social_history
    hospitalization hospitalizations hospitalization_history fhx hx_text trauma_history
    obstetric_history injury injuries injury_description accident_injury
    mental_health mental_health_history mental_health_status psychiatric_history psychiatric
    psychiatric_diagnosis psych_eval depression depression_score anxiety anxiety_level phq9 gad7
    suicide suicide_risk suicidal_ideation self_harm mood_score substance_use substance_abuse
    addiction_history adhd adhd_status autism eating_disorder
    alcohol_use alcohol_consumption smoking_status tobacco_use drug_use recreational_drugs
    pack_years dietary_restrictions sexual_activity sexual_health sexual_history
    pregnancy pregnancy_status pregnancy_week is_pregnant pregnant gravidity parity lmp edd
    menstrual_cycle last_menstrual_period ivf ivf_cycle miscarriage miscarriage_count abortion
    abortion_history breastfeeding cycle_length contraception contraceptive fertility
    gestational_age
    vaccine vaccines vaccination vaccinations vaccination_date vaccination_status immunization
    immunizations immunization_date booster booster_date vaccine_lot_number
    genotype phenotype dna dna_sequence genome genome_file genetic genetic_test genetic_risk
    genetic_markers brca brca1 brca1_result brca_status hla_type carrier_status karyotype
    disability disabilities disability_type impairment handicap wheelchair wheelchair_user
    hearing_loss visual_impairment mobility_aid functional_status cognitive_status
    vision_prescription accommodation_needs
    clinical_note clinical_notes clinical_impression physician_notes doctor_notes nursing_notes
    progress_note progress_notes soap_note session_notes therapy_notes psychotherapy_notes
    consult_note discharge_summary admission_note dictation dictation_text history_and_physical
    imaging_findings scan_findings findings radiology radiology_report xray xray_image mri mri_result ct_result
    ct_scan ultrasound ultrasound_image dicom dicom_file dicom_series
    admission_date admit_date admit_dt adm_dt discharge_date discharge_dt discharge_disposition
    dc_disposition length_of_stay icu_stay readmission readmission_flag visit_reason
    appointment_reason reason_for_visit emergency_visit emergency_visit_date hospice hospice_status
    advance_directive dnr hospitalization_dates triage_level
    notes self_harm_flag cough_type covid_status grosse grosse_cm sick_leave sick_leave_days sick_leave_reason fmla_reason work_injury work_injury_details
    medical_clearance health_declaration insurance_claim_details medical_claim fit_note
    death_date date_of_death deceased_date deceased_date_time deceased_datetime cause_of_death
    autopsy
    diagnose hauptdiagnose vorerkrankung vorerkrankungen krankheit krankheiten krankheitsbild
    medikament medikamente medikation medikamentenplan rezeptangaben allergie allergien blutgruppe
    blutdruck koerpergewicht koerpergroesse groesse_cm anamnese krankengeschichte befund befunde
    schwerbehinderung behinderung krankmeldung au_bescheinigung arbeitsunfaehigkeit arbeitsunfaehig
    schwangerschaft schwangerschaftswoche impfung impfungen impfstatus arztbrief symptome
    maladie maladies maladies_chroniques diagnostic_medical medicament medicaments ordonnance
    traitement_medical antecedents antecedents_medicaux groupe_sanguin tension_arterielle
    poids_patient grossesse arret_maladie taux_incapacite compte_rendu vaccin vaccins symptomes
    enfermedad enfermedades enfermedades_cronicas diagnostico diagnosticos medicamento medicamentos
    medicacion medicacion_actual receta_medica alergia alergias grupo_sanguineo presion_arterial
    historia_clinica antecedentes antecedentes_familiares embarazo embarazada discapacidad
    baja_laboral baja_laboral_motivo tratamiento intervencion_quirurgica vacuna vacunas sintomas
    semanas_gestacion cirugia
    diagnosi patologia patologie patologie_pregresse farmaci farmaci_assunti terapia terapia_in_corso
    allergia gruppo_sanguigno pressione_arteriosa anamnesi anamnesi_familiare cartella_clinica
    referto gravidanza invalidita vaccino vaccini sintomi malattia malattie
    doenca doencas doencas_preexistentes alergias_conhecidas tipo_sanguineo prontuario
    evolucao_clinica gestante gravidez deficiencia vacina sintomas_paciente medicacao tratamento
    aandoening aandoeningen ziekte medicijnen medicatie bloedgroep bloeddruk ziekmelding
    ziekmelding_reden medische_voorgeschiedenis zwangerschap vaccinatie klachten allergieen
    choroba choroby choroby_przewlekle leki przyjmowane_leki rozpoznanie diagnoza grupa_krwi
    cisnienie ciaza wywiad_lekarski alergie szczepienie szczepienia niepelnosprawnosc objawy
    sjukdom sjukdomar lakemedel lakemedelslista blodgrupp blodtryck sjukskriven sjukskriven_till
    allergi allergier graviditet gravid funktionsnedsattning
    sygdom sygdomme medicin blodtype blodtryk sykdom legemidler sykmelding diagnoser
    sairaus sairaudet laakitys laakkeet veriryhma verenpaine allergiat diagnoosi raskaus
    nemoc nemoci leky krevni_skupina krevni_tlak alergie_pacient tehotenstvi diagnoza_pacient
    betegseg gyogyszer gyogyszerek vercsoport vernyomas allergiak diagnozis
    boala boli boli_cronice medicamente grupa_sange alergii diagnostic
    hastalik hastaliklar kullanilan_ilaclar ilaclar kan_grubu tansiyon
    farmaka astheneia omada_aimatos diagnosi_asthenous
    """)

  /// Beginnings of words that are about health in most languages.
  static let stems = FieldWords.list(
    """
    diagnos allerg medicat medikament symptom psychiatr immuniz vaccin pregnan schwanger patholog
    chemother radiolog oncolog hospitali hemoglob cholest comorbid anamne krankheit sjukdom
    blutdruck impfung arbeitsunfaehig ziekmeld schizo antidepress insulin
    """)
}
