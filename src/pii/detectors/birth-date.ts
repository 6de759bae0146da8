import { Look, type Detector } from "../detector.ts";

const parts =
  /^(\d{4})-(\d{2})-(\d{2})|^(\d{1,2})[./-](\d{1,2})[./-](\d{4}|\d{2})\b|^(\d{4})[./]?(\d{2})[./]?(\d{2})$/;

export const birthDate: Detector = {
  entity: "birth_date",
  says: "a date of birth or death",
  isDirect: false,
  kinds: ["date", "text", "number"],
  names: `dob, d o b, birth date, birthdate, date of birth, date birth, birthday, birth day, bday, birth dt, born, born on, born at, birth year, year of birth, yob, birth month, date of death, death date, deceased on, deceased at, died on, died at,
    naissance, date naissance, date de naissance, ddn, anniversaire, date deces, geburt, geburtsdatum, geburtstag, geb datum, gebdat, geburtsjahr, sterbedatum, nacimiento, fecha nacimiento, fecha de nacimiento, fec nac, fecnac, nascita, data nascita, data di nascita,
    nascimento, data nascimento, data de nascimento, geboortedatum, geboorte datum, geboortejaar, urodzenia, data urodzenia, fodselsdato, fodelsedatum, fodseldato, syntymaaika, datum narozeni, dogum tarihi, дата рождения, день рождения, 生年月日, 出生日期, 생년월일`,
  value: {
    look({ text }) {
      const found = parts.exec(text);
      const year = found
        ? Number(found[1] ?? found[6] ?? found[7])
        : /^(?:18|19|20)\d\d$/.test(text)
          ? Number(text)
          : undefined;
      if (year === undefined) return Look.No;
      return year < 100 || (year >= 1880 && year <= new Date().getUTCFullYear())
        ? Look.Shape
        : Look.No;
    },
    chance: 1,
    weight: 0,
    against: 4,
  },
};
