import { Look, type Detector } from "../detector.ts";

export const age: Detector = {
  entity: "age",
  says: "a person's age",
  isDirect: false,
  kinds: ["number", "text"],
  names:
    "age years, age in years, years old, age at death, age at admission, patient age, customer age, user age, alter jahre, edad, lebensalter, wiek, leeftijd, idade, возраст, 年齢, 年龄",
  weakNames: "age, alter, eta, age group, age range, age band",
  value: {
    look: ({ text }) =>
      (/^\d{1,3}(?:\.0+)?$/.test(text) && Number(text) <= 120) ||
      /^\d{1,2}\s*[-\u2013]\s*\d{1,3}$|^\d{2}\+$/.test(text)
        ? Look.Shape
        : Look.No,
    chance: 1,
    weight: 0,
    against: 4,
  },
};
