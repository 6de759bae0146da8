import { Look, type Detector } from "../detector.ts";

const words = new Set(
  "male female man woman boy girl non-binary nonbinary non_binary homme femme masculin feminin mannlich weiblich divers hombre mujer masculino femenino feminino maschio femmina uomo donna man vrouw mezczyzna kobieta муж жен мужской женский transgender genderqueer agender".split(
    " ",
  ),
);
const letters = new Set("m f w d x u o n h v k male female other unknown".split(" "));

export const gender: Detector = {
  entity: "gender",
  says: "a person's sex or gender",
  isDirect: false,
  kinds: ["text", "number"],
  names:
    "gender, sex, gender identity, gender code, sex code, civilite, geschlecht, geslacht, anrede, salutation, pronouns, genere, sexo, plec, kjonn, sukupuoli, cinsiyet, пол, 性別, 性别, 성별",
  weakNames: "genre, kon, sesso, title prefix, honorific",
  value: {
    look({ lower }) {
      const word = lower.normalize("NFKD").replaceAll(/\p{M}/gu, "");
      return words.has(word)
        ? Look.Yes
        : letters.has(word) || /^\d$/.test(word)
          ? Look.Shape
          : Look.No;
    },
    chance: 0.01,
    weight: 4.5,
    against: 0,
    byRows: true,
    share: 0.5,
  },
};
