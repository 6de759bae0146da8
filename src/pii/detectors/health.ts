import { Look, type Detector } from "../detector.ts";

const bloodGroup = /^(?:A|B|AB|O|0)\s?(?:Rh)?(?:[+\-\u2212]|\s?(?:pos|neg)(?:itive|ative)?)$/i;
const icd = /^[A-TV-Z]\d[\dAB]\.\d{1,4}[A-Z]?$/;

export const health: Detector = {
  entity: "health",
  says: "something about a person's health or body",
  isDirect: false,
  kinds: ["text", "number", "boolean", "date", "bytes"],
  names: `diagnosis, diagnoses, diagnosis code, diagnosis text, primary diagnosis, icd, icd 10, icd10, icd 9, icd code, icd 10 code, disease, disease name, illness, allergy, allergies, blood type, blood group, bloodtype, medication, medications, current medication, prescription, prescriptions, drug name prescribed, symptom, symptoms, treatment plan, medical history, medical condition, medical conditions, medical notes, medical record, health condition, health conditions, health status, health notes, chronic conditions, disability, disabilities, disability type, pregnancy, pregnant, is pregnant, smoker, is smoker, smoking status, alcohol use, bmi, body mass index, body fat, body fat percentage, body weight, height cm, weight kg, weight lb, weight lbs, height in, heart rate, resting heart rate, blood pressure, systolic, diastolic, glucose, blood sugar, cholesterol, lab result, test result medical, vaccination, vaccine, vaccinated, is vaccinated, vaccination status, hiv, hiv status, genetic, dietary restriction, dietary restrictions, mental health, insulin, menstrual cycle, last period, sleep hours, injuries, injury, body measurement, body measurements, has diabetes, diabetes, diabetic, is diabetic,
    diagnose, diagnostic medical, maladie, allergie, allergies medicales, groupe sanguin, ordonnance, traitement medical, antecedents, antecedents medicaux, handicap, krankheit, krankheiten, blutgruppe, allergien, medikament, medikamente, behinderung, schwerbehinderung, vorerkrankungen, diagnostico, enfermedad, alergia, alergias, grupo sanguineo, tipo sanguineo, medicamento, discapacidad, diagnosi, malattia, gruppo sanguigno, farmaco, ziekte, bloedgroep, aandoening, choroba, grupa krwi, диагноз, группа крови, аллергия, 血液型, 病名`,
  weakNames:
    "measurements, treatment, condition medical, patient notes, clinical notes, dosage, procedure code, weight, height, waist, chest, hips, calories burned, activity level, fitness level, performance data, metric value, fitness goals, nutrition, diet",
  value: {
    look: ({ text }) => (bloodGroup.test(text) || icd.test(text) ? Look.Yes : Look.Shape),
    chance: 0.005,
    weight: 4.5,
    against: 0,
    byRows: true,
  },
};
