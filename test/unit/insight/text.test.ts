import * as fc from "fast-check";
import { beforeAll, expect, test } from "vitest";
import { loadParser } from "../../../src/db/script.ts";
import { html } from "../../../src/html/markup.ts";
import { findId, toHexId } from "../../../src/insight/query-id.ts";
import { makePlannable } from "../../../src/insight/rewrite.ts";
import { between, differs, together } from "../../../src/insight/significance.ts";
import { identityOf, maskText } from "../../../src/insight/text.ts";

beforeAll(loadParser);

test.each([
  ["select now() - interval $1", "select now() - $1::interval"],
  ["select interval $1 day to hour", "select $1::interval day to hour"],
  ["select date $1, x::date", "select $1::date, x::date"],
  ["select timestamp with time zone $1", "select $1::timestamp with time zone"],
  ["select timestamp(3) $1", "select $1::timestamp(3)"],
  ["select extract($1 from x)", "select pg_catalog.extract($1::text, x)"],
  ["select 'ä', date $1 -- date $2", "select 'ä', $1::date -- date $2"],
  ["select x from t where name = $1 limit $2", "select x from t where name = $1 limit $2"],
])("%s can be planned", (text, wanted) => {
  expect(makePlannable(text)).toBe(wanted);
});

test("blanks, comments, numbers of parameters and lengths of lists make no other query", () => {
  const same = [
    "select A from t where b in ($1, $2)",
    "SELECT a\n from t -- x\n where b IN ($3 /*, ... */)",
  ];
  expect(new Set(same.map(identityOf)).size).toBe(1);
  const others = ['select "A" from t where b in ($1)', "select a from t where b = $1"];
  expect(new Set([...same, ...others].map(identityOf)).size).toBe(3);
});

test("no string of a utility statement survives, however it is quoted or cut", () => {
  const secret = fc.stringMatching(/^[a-z]{8,12}$/);
  const quote = fc.constantFrom(
    (text: string) => `'${text}'`,
    (text: string) => `E'\\'${text}'`,
    (text: string) => `$x$${text}$x$`,
    (text: string) => `'' '${text}'`,
  );
  fc.assert(
    fc.property(secret, quote, fc.nat(60), (word, wrap, cut) => {
      const text = `alter role zqx password ${wrap(`7${word}`)}`;
      expect(maskText(text)).not.toContain(word);
      // As a text that the server has cut off.
      expect(maskText(text.slice(0, text.length - (cut % 6)))).not.toContain(word);
    }),
  );
});

test("ids are hexadecimal, found by their beginning, and by the server's number", () => {
  expect(toHexId("-1")).toBe("ffffffffffffffff");
  expect(findId("ffff", ["-1", "5"])).toBe("-1");
  expect(findId("-1", ["-1", "5"])).toBe("-1");
  expect(() => findId("f", ["-1", "-2"])).toThrow(/beginning of 2 ids/);
  expect(() => findId("a", ["-1"])).toThrow(/has no query/);
});

test("the sample in between is what was measured in between", () => {
  const times = fc.array(fc.double({ min: 0.001, max: 1000, noNaN: true }), {
    minLength: 2,
    maxLength: 30,
  });
  const sampleOf = (values: readonly number[]) => {
    const totalMs = values.reduce((sum, value) => sum + value, 0);
    const meanMs = totalMs / values.length;
    const squares = values.reduce((sum, value) => sum + (value - meanMs) ** 2, 0);
    return { calls: values.length, totalMs, meanMs, stddevMs: Math.sqrt(squares / values.length) };
  };
  fc.assert(
    fc.property(times, times, (first, second) => {
      const wanted = sampleOf(second);
      const found = between(sampleOf(first), sampleOf([...first, ...second]));
      expect(found.calls).toBe(wanted.calls);
      expect(found.meanMs).toBeCloseTo(wanted.meanMs, 6);
      expect(found.stddevMs).toBeCloseTo(wanted.stddevMs, 2);
      const whole = sampleOf([...first, ...second]);
      expect(together(sampleOf(first), wanted).stddevMs).toBeCloseTo(whole.stddevMs, 6);
    }),
  );
  const steady = { calls: 20, meanMs: 10, stddevMs: 1 };
  expect(differs(steady, { ...steady, meanMs: 12 })).toBe(true);
  expect(differs(steady, { ...steady, meanMs: 12, stddevMs: 20 })).toBe(false);
  expect(differs(steady, { ...steady, meanMs: 12, calls: 4 })).toBe(false);
});

test("nothing that comes from elsewhere is markup", () => {
  expect(html`<b title="${'"'}">${["<i>", html`<u>`]}${null}</b>`.text).toBe(
    '<b title="&quot;">&lt;i&gt;<u></b>',
  );
});
