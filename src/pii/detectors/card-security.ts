import { Look, type Detector } from "../detector.ts";

export const cardSecurity: Detector = {
  entity: "card_security",
  says: "a payment card's code, expiry or PIN",
  isDirect: false,
  kinds: ["text", "number", "date"],
  names:
    "cvv, cvv 2, cvv2, cvc, cvc 2, cvc2, cid code, card security code, card verification, card verification value, card verification code, security code, card cvv, card cvc, card expiry, card expiration, card exp, card exp date, card exp month, card exp year, card expiry date, card expiry month, card expiry year, cc exp, cc expiry, expiry month, expiry year, exp month, exp year, card pin, pin code card, pin number, atm pin, kartenprufnummer, prufziffer karte, cryptogramme, date expiration carte, codigo seguridad tarjeta",
  weakNames: "pin, expiry mm yy, ccv, csc",
  value: {
    look: ({ text }) =>
      /^\d{3,6}$|^(?:0?[1-9]|1[0-2])$|^(?:0[1-9]|1[0-2])\s?[/-]\s?(?:20)?\d{2}$|^20\d\d(?:-\d\d(?:-\d\d.*)?)?$/.test(
        text,
      )
        ? Look.Shape
        : Look.No,
    chance: 1,
    weight: 0,
    against: 4,
  },
};
