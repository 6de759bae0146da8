import { expect, it } from "vitest";
import { HashFilter } from "../../../../src/anonymize/verify/filter.ts";
import { KeyedHash } from "../../../../src/anonymize/verify/keyed-hash.ts";

it("knows each of its members, and few others", () => {
  const hash = new KeyedHash("-4711");
  const filter = new HashFilter(100_000);
  const each = (prefix: string, work: () => void) => {
    for (let n = 0; n < 100_000; n += 1) {
      hash.ofText(`${prefix}${n}`);
      work();
    }
  };
  each("member ", () => filter.add(hash.high, hash.low));
  let known = 0;
  each("member ", () => (known += filter.has(hash.high, hash.low) ? 1 : 0));
  expect(known).toBe(100_000);
  let strangers = 0;
  each("stranger ", () => (strangers += filter.has(hash.high, hash.low) ? 1 : 0));
  expect(strangers).toBeLessThan(20);
});
