/** No output holds a value. */
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { showMasked } from "../../../src/pii/show.ts";
import { readValue } from "../../../src/pii/value.ts";

test("the shape is seen, the value is not", () => {
  expect(showMasked("jane.doe@example.com")).toBe("j***.***@e******.***");
  expect(showMasked("+44 20 7946 0123")).toBe("+** ** **** ****");
  expect(showMasked("Bo")).toBe("**");
});

test("no two letters or digits stand beside each other, and no digit at all is shown", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme", maxLength: 200 }), (text) => {
      const shown = showMasked(text);
      expect(shown).not.toMatch(/[\p{L}\p{N}]{2}/u);
      expect(shown).not.toMatch(/\p{Nd}/u);
    }),
  );
});

test("values are decoded before they are looked at", () => {
  expect(readValue("jane&#64;example.com").text).toBe("jane@example.com");
  expect(readValue("jane&#x40;example&period;com").text).toBe("jane@example.com");
  expect(readValue("jane%40example.com").text).toBe("jane@example.com");
  expect(readValue("\u200bj\u200bane").text).toBe("jane");
  expect(readValue("&#1114112;&#0;&unknown;").text).toBe("&#1114112;&#0;&unknown;");
});

test("any text can be read", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 100 }), (text) => {
      const value = readValue(text);
      expect(value.lower).toBe(value.text.toLowerCase());
      expect(value.compact.length).toBeLessThanOrEqual(40);
    }),
  );
});
