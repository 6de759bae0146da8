import type { Detector } from "../detector.ts";
import { schemes } from "../identifiers/index.ts";

const namesOf = (entity: string) =>
  schemes
    .filter((scheme) => scheme.entity === entity)
    .map(({ names }) => names)
    .join(", ");

/** Its values are judged scheme by scheme, by what `identifiers/` says of each. */
export const nationalId: Detector = {
  entity: "national_id",
  says: "a national identifier of a person",
  isDirect: true,
  kinds: ["text", "number"],
  isVaried: true,
  names: `${namesOf("national_id")}, national id, national id number, national identity number, national identification number, nationalid, national number, identity number, identity card number, identity card, id card, citizen number, personal id, personal identity number, personal identification number, personal number, government id, govt id, tax id, tax id number, taxpayer id, taxpayer number, tax number, tax identification number, tin, fiscal number, numero fiscal, steuernummer, nif number, carte identite, numero identite, personalnummer behorde, cedula numero, documento, nr dowodu, nr dowodu osobistego, dowod osobisty, id nummer persoon, residence permit, residence permit number, resident id`,
};

export const healthId: Detector = {
  entity: "health_id",
  says: "an identifier of a patient, an insured person or a doctor",
  isDirect: true,
  kinds: ["text", "number"],
  isVaried: true,
  names: `${namesOf("health_id")}, mrn, medical record number, medical record no, patient id number, patient number, patient no, patientnumber, health insurance number, health insurance id, health card number, health card, healthcard, insurance member id, insurance policy number health, health plan id, health plan number, beneficiary number, medicaid, medicaid id, medicaid number, ohip, carte vitale, numero mutuelle, numero adherent mutuelle, krankenkasse nummer, tarjeta sanitaria, cip sanitario, tessera sanitaria, cartao sus, sus numero, cns numero, bsn zorg`,
  weakNames: "member id, subscriber id, policy holder id",
};
