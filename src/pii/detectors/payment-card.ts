import { luhn } from "../checksums/digits.ts";
import { Look, type Detector } from "../detector.ts";

// Ranges of issuers (ISO/IEC 7812): Visa, Mastercard, American Express, Discover, Diners, JCB, UnionPay, Maestro.
const issuers =
  /^(?:4\d{12}(?:\d{3}(?:\d{3})?)?|5[1-5]\d{14}|2(?:2(?:2[1-9]|[3-9]\d)|[3-6]\d\d|7(?:[01]\d|20))\d{12}|3[47]\d{13}|6(?:011|5\d\d|4[4-9]\d)\d{12}(?:\d{3})?|3(?:0[0-5]|[689]\d)\d{11}|35(?:2[89]|[3-8]\d)\d{12}|62\d{14,17}|(?:5[06-9]|6[37])\d{14})$/;

const written = /^\d{4}([ -]?)\d{4}\1\d{4}\1\d{1,7}$|^\d{4}([ -]?)\d{6}\2\d{4,5}$|^\d{12,19}$/;

export const paymentCard: Detector = {
  entity: "payment_card",
  says: "a payment card's number",
  isDirect: true,
  kinds: ["text", "number", "bytes"],
  names:
    "card number, cardnumber, card no, card nr, cardno, card num, credit card, creditcard, credit card number, creditcardnumber, credit card no, cc number, cc num, ccnum, cc no, ccn, debit card, debit card number, primary account number, payment card, numero carte, numero carte bancaire, carte bancaire, carte credit, kreditkarte, kreditkartennummer, kartennummer, tarjeta, numero tarjeta, tarjeta credito, carta di credito, carta credito, numero carta, cartao, cartao credito, numero cartao, creditcardnummer, kaartnummer, karta kredytowa, numer karty, номер карты, 信用卡号, カード番号",
  weakNames: "card, cc, carte, pan",
  value: {
    look({ text, compact, digits }) {
      if (digits < 12 || digits > 19 || compact.length !== digits || !written.test(text))
        return Look.No;
      return issuers.test(compact) ? (luhn(compact) ? Look.Yes : Look.Shape) : Look.No;
    },
    chance: 0.1,
    weight: 6,
    against: 2.5,
    within({ text, digits }) {
      if (digits < 13) return undefined;
      const found =
        /(?<![\d.-])(?:\d{4}[ -]?){3}\d{4}(?![\d.-])|(?<![\d.-])3[47]\d{2}[ -]?\d{6}[ -]?\d{5}(?![\d.-])/.exec(
          text,
        );
      const number = found?.[0].replaceAll(/\D/g, "");
      return found && number !== undefined && issuers.test(number) && luhn(number)
        ? found[0]
        : undefined;
    },
  },
};
