/** Whatever reads whatever: a view comes after those it reads, once, and nothing else is chosen. */
import * as fc from "fast-check";
import { expect, test } from "vitest";
import type { Matview } from "../../../src/insight/matviews/catalog.ts";
import { chooseMatviews, depthsOf, inOrder } from "../../../src/insight/matviews/order.ts";

/** Views that read only those with a lower number, listed in any order. */
const matviews = fc
  .array(fc.array(fc.nat(), { maxLength: 4 }), { minLength: 1, maxLength: 12 })
  .chain((reads) =>
    fc.shuffledSubarray(
      reads.map((sources, i) => view(i, i === 0 ? [] : [...new Set(sources.map((n) => n % i))])),
      { minLength: reads.length },
    ),
  );

function view(number: number, reads: readonly number[]): Matview {
  const nameOf = (n: number) => `app.v${n}`;
  return {
    oid: String(number),
    schema: "app",
    name: `v${number}`,
    view: nameOf(number),
    owner: "owner",
    isPopulated: true,
    bytes: 0,
    rowsEstimate: null,
    access: "own",
    canCount: true,
    key: null,
    obstacle: null,
    sources: {
      tables: [],
      matviews: reads.map((n) => ({ oid: String(n), view: nameOf(n), through: [] })),
      restless: [],
      unseenBehind: [],
      hiddenRows: [],
      fingerprint: { epoch: "", settings: "", definition: "", relations: {} },
      isCounting: true,
    },
  };
}

const sourcesOf = ({ sources }: Matview) => sources.matviews.map(({ oid }) => oid);

test("each comes once, after those it reads, and is deeper than they are", () => {
  fc.assert(
    fc.property(matviews, (all) => {
      const ordered = inOrder(all).map(({ oid }) => oid);
      expect(ordered.toSorted()).toEqual(all.map(({ oid }) => oid).toSorted());
      const depths = depthsOf(all);
      for (const one of all) {
        for (const source of sourcesOf(one)) {
          expect(ordered.indexOf(source)).toBeLessThan(ordered.indexOf(one.oid));
          expect(depths.get(source)).toBeLessThan(depths.get(one.oid) ?? -1);
        }
      }
    }),
  );
});

test("--with-sources is closed downwards, --with-dependents upwards, and both keep the order", () => {
  fc.assert(
    fc.property(matviews, fc.nat(), (all, pick) => {
      const named = all[pick % all.length];
      const names = [named?.view ?? ""];
      const choose = (withSources: boolean, withDependents: boolean) =>
        chooseMatviews(all, { names, withSources, withDependents }).map(({ oid }) => oid);
      expect(choose(false, false)).toEqual([named?.oid]);
      const below = choose(true, false);
      const above = choose(false, true);
      const missingBelow = all
        .filter(({ oid }) => below.includes(oid))
        .flatMap(sourcesOf)
        .filter((oid) => !below.includes(oid));
      const missingAbove = all
        .filter((one) => sourcesOf(one).some((oid) => above.includes(oid)))
        .filter(({ oid }) => !above.includes(oid));
      expect([...missingBelow, ...missingAbove]).toEqual([]);
      const order = inOrder(all).map(({ oid }) => oid);
      expect(below).toEqual(order.filter((oid) => below.includes(oid)));
      expect(above).toEqual(order.filter((oid) => above.includes(oid)));
    }),
  );
});
