import { expect, test } from "vitest";
import { sideOf } from "../../../src/diff/diff.ts";

test.each([
  ["postgres://ann:secret@db.example.org:5433/shop?sslmode=require", "shop on db.example.org:5433"],
  ["postgresql:///shop", "shop"],
  ["host=db.example.org dbname=shop password=secret", "shop on db.example.org"],
  ["host=/tmp user='x'", "the other database"],
  ["schema.sql", "schema.sql"],
])("%j is called %j", (typed, shown) => {
  expect(sideOf(typed).shown).toBe(shown);
});
