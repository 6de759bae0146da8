import * as fc from "fast-check";
import { expect, it } from "vitest";
import { chooseNames, pascal, propertyKey } from "../../../src/typescript/names.ts";

const identifier = /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u;

it("gives each table an identifier of its own, whatever the order they come in", () => {
  const words = fc.oneof(
    fc.constantFrom("users", "Users", "user_s", "json", "2nd", "order-lines", "größe", "日本"),
    fc.string({ unit: "grapheme", minLength: 1, maxLength: 10 }),
  );
  const tables = fc.uniqueArray(fc.record({ schema: words, name: words }), {
    maxLength: 12,
    selector: ({ schema, name }) => `${schema}\0${name}`,
  });
  fc.assert(
    fc.property(tables, (all) => {
      const names = chooseNames(all);
      const found = all.map((one) => names.get(one) ?? "");
      for (const name of found) expect(name).toMatch(identifier);
      expect(new Set(found.map((name) => name.toLowerCase())).size).toBe(all.length);
      const turned = chooseNames(all.toReversed());
      expect(all.map((one) => turned.get(one))).toEqual(found);
    }),
  );
});

it("reads well", () => {
  expect(pascal("user_profiles")).toBe("UserProfiles");
  expect(pascal("2nd-table")).toBe("T2ndTable");
  expect([propertyKey("user_id"), propertyKey("Mixed Case"), propertyKey('a"b')]).toEqual([
    "user_id",
    '"Mixed Case"',
    String.raw`"a\"b"`,
  ]);
});
