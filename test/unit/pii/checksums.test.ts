/** Check digits: made elsewhere, they pass; with one digit changed, they do not. */
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isBase58Check, isBech32 } from "../../../src/pii/checksums/base58.ts";
import { luhn, mod11Of10, mod97, verhoeff } from "../../../src/pii/checksums/digits.ts";
import { isIban } from "../../../src/pii/detectors/bank-account.ts";
import { schemes } from "../../../src/pii/identifiers/index.ts";
import * as made from "../../fixtures/pii/checked-numbers.ts";
import { randomFrom } from "../../fixtures/pii/labelled.ts";

const compact = (text: string) => text.replaceAll(/[\s.-]/g, "");

/** The title of each scheme, and who makes its numbers. */
const makers: Readonly<Record<string, (random: made.Random) => string>> = {
  "US social security number": made.ssn,
  "Polish PESEL": made.pesel,
  "Brazilian CPF": made.cpf,
  "NHS number": made.nhs,
  "Dutch BSN": made.bsn,
  "Spanish DNI or NIE": made.dni,
  "French social security number": made.nir,
  "Swedish personal number": made.personnummer,
  "Swiss AHV number": made.ahv,
  "Turkish identity number": made.tckn,
  "Chinese resident identity number": made.chinese,
  "Indian Aadhaar number": made.aadhaar,
  "UK national insurance number": made.nino,
  "Italian codice fiscale": made.codiceFiscale,
};

// Numbers that their authorities print as examples.
const printed: Readonly<Record<string, readonly string[]>> = {
  "US national provider identifier": ["1234567893"],
  "US DEA number": ["AB1234563"],
  "Canadian social insurance number": ["130692544"],
  "Mexican CURP": ["BOXW310820HNERXN09"],
  "Argentinian CUIT or CUIL": ["20055361682"],
  "Chilean RUT": ["125319092"],
  "Ecuadorian identity card": ["1714307103"],
  "Irish PPS number": ["6433435F"],
  "German tax identification number": ["36574261809"],
  "German pension insurance number": ["15070649C103"],
  "German health insurance number": ["A123456780"],
  "German identity card": ["T220001293"],
  "Portuguese NIF": ["123456789"],
  "Belgian national number": ["85073003328"],
  "Austrian social insurance number": ["1237010180"],
  "Greek AMKA": ["01013099997"],
  "Norwegian birth number": ["15108695088"],
  "Danish CPR number": ["0707614285"],
  "Finnish personal identity code": ["131052308T"],
  "Icelandic kennitala": ["1201743399"],
  "Czech or Slovak birth number": ["7103192745"],
  "Romanian CNP": ["1630615123457"],
  "Bulgarian EGN": ["7523169263"],
  "Croatian OIB": ["33392005961"],
  "Slovene EMSO": ["0101006500006"],
  "Estonian or Lithuanian personal code": ["36805280109"],
  "Russian INN of a person": ["500100732259"],
  "Russian SNILS": ["11223344595"],
  "Ukrainian taxpayer number": ["1759013776"],
  "Israeli identity number": ["039337423"],
  "South African identity number": ["7503305044089"],
  "Japanese My Number": ["123456789018"],
  "Taiwanese identity number": ["A123456789"],
  "Singaporean NRIC or FIN": ["S1234567D"],
  "Thai identity number": ["1234545678781"],
  "Australian tax file number": ["123456782"],
  "New Zealand IRD number": ["49091850"],
};

describe("identifiers", () => {
  for (const [title, make] of Object.entries(makers)) {
    test(`${title}: made ones pass, changed ones hardly do`, () => {
      const scheme = schemes.find((one) => one.title === title);
      if (scheme === undefined) throw new Error(`no scheme ${title}`);
      const passes = (text: string) =>
        scheme.pattern.test(compact(text)) && scheme.check(compact(text));
      fc.assert(
        fc.property(fc.integer({ min: 1, max: 1e9 }), (seed) => {
          const text = make(randomFrom(seed));
          expect(passes(text), text).toBe(true);
        }),
      );
      if (scheme.chance > 0.5 || title.startsWith("UK")) return;
      const changed = Array.from({ length: 400 }, (_, seed) => {
        const text = compact(make(randomFrom(seed + 1)));
        const at = 6 + (seed % 3);
        const digit = Number(text[at]);
        return `${text.slice(0, at)}${(digit + 1 + (seed % 8)) % 10}${text.slice(at + 1)}`;
      });
      // A single wrong digit is what check digits are for; modulo 11 with ten values lets a few through.
      expect(changed.filter(passes).length / changed.length).toBeLessThan(0.06);
    });
  }

  test.each(Object.entries(printed))("%s: the printed example passes", (title, examples) => {
    const scheme = schemes.find((one) => one.title === title);
    for (const example of examples) {
      expect([title, scheme?.pattern.test(example), scheme?.check(example)]).toEqual([
        title,
        true,
        true,
      ]);
    }
  });

  test("of random numbers no more pass than `chance` says", () => {
    const random = randomFrom(5);
    for (const { title, pattern, check, chance, lengths } of schemes) {
      if (chance >= 0.5) continue;
      let shaped = 0;
      let passed = 0;
      for (let i = 0; i < 4000; i += 1) {
        const text = made.digits(random, lengths[i % lengths.length] ?? 0);
        if (!pattern.test(text)) continue;
        shaped += 1;
        if (check(text)) passed += 1;
      }
      if (shaped < 500) continue;
      expect(passed / shaped, title).toBeLessThan(chance * 1.4 + 0.006);
    }
  });
});

describe("finance", () => {
  test("cards, accounts and wallets that were made elsewhere pass", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e9 }), (seed) => {
        const random = randomFrom(seed);
        expect(luhn(made.card(random))).toBe(true);
        expect(isIban(made.iban(random))).toBe(true);
        expect(isBase58Check(made.bitcoin(random))).toBe(true);
      }),
    );
  });

  test("printed examples", () => {
    expect(luhn("79927398713")).toBe(true);
    expect(verhoeff("2363")).toBe(true);
    expect(mod11Of10("07945")).toBe(true);
    expect(mod97("3214282912345698765432161182")).toBe(1);
    expect(isIban("GB82WEST12345698765432")).toBe(true);
    expect(isIban("GB83WEST12345698765432")).toBe(false);
    expect(isIban("XX82WEST12345698765432")).toBe(false);
    expect(isBase58Check("1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2")).toBe(true);
    expect(isBase58Check("1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN3")).toBe(false);
    // BIP 173 and BIP 350
    expect(isBech32("BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4")).toBe(true);
    expect(isBech32("bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0")).toBe(true);
    expect(isBech32("bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t5")).toBe(false);
  });
});
