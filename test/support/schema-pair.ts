/** Pairs of random schemas that have much in common. What they are as SQL: schema-pair-sql.ts. */
import * as fc from "fast-check";

export const columnNames = ["a", "b", "C d", "e"] as const;
export const tableNames = ["t0", "t1", "T 2"] as const;

const column = fc.record({
  type: fc.constantFrom("int", "int", "int", "bigint", "text", "mood", "digit", "pair"),
  isNotNull: fc.boolean(),
  default: fc.constantFrom("", "", "value", "call"),
  check: fc.constantFrom("", "", "value", "call"),
  isUnique: fc.boolean(),
  comment: fc.constantFrom("", "", "one", "two"),
  statistics: fc.constantFrom(-1, -1, 100),
  isGenerated: fc.integer({ min: 0, max: 5 }).map((n) => n === 0),
});
export type Column = typeof column extends fc.Arbitrary<infer T> ? T : never;

const sometimes = fc.integer({ min: 0, max: 3 }).map((n) => n === 0);

/** What may be there, and be another one, on both sides: mostly the same. */
function slot<T>(of: fc.Arbitrary<T>): fc.Arbitrary<readonly [T | null, T | null]> {
  const maybe = fc.option(of, { freq: 3 });
  return fc.oneof(
    { weight: 3, arbitrary: maybe.map((one) => [one, one] as const) },
    { weight: 2, arbitrary: fc.tuple(maybe, maybe) },
  );
}

const key = fc.constantFrom(...columnNames);
const target = fc.constantFrom(...tableNames);
const viewName = fc.constantFrom("v0", "v1");
const steps = fc.constantFrom(
  "",
  "",
  "increment by 5",
  "start with 3",
  "maxvalue 900",
  "cycle cache 2",
);

const table = fc.record({
  columns: fc.tuple(...columnNames.map(() => slot(column))),
  key: slot(fc.constantFrom("primary", "unique")),
  security: slot(fc.constantFrom("enable", "force")),
  index: slot(fc.record({ column: key, isUnique: fc.boolean(), filter: fc.boolean() })),
  policy: slot(fc.record({ column: key, other: fc.option(fc.oneof(target, viewName)) })),
  trigger: slot(fc.record({ of: fc.option(key), isDisabled: sometimes })),
  link: slot(fc.record({ to: target, cascades: fc.boolean(), comment: sometimes })),
  heir: slot(fc.constant(true)),
  heirStays: fc.boolean(),
  identity: slot(fc.constantFrom("full", "nothing", "index")),
  number: slot(fc.record({ isAlways: fc.boolean(), steps })),
});
export type Table = typeof table extends fc.Arbitrary<infer T> ? T : never;

const partitioned = fc.record({
  columns: fc.tuple(...columnNames.slice(0, 3).map(() => slot(column))),
  key: slot(fc.constantFrom("primary", "unique")),
  check: slot(fc.constant(true)),
  index: slot(fc.record({ isUnique: fc.boolean(), both: fc.boolean() })),
  link: slot(target),
  trigger: slot(fc.constant(true)),
  parts: fc.tuple(
    ...[0, 1, 2].map(() =>
      slot(
        fc.record({
          shift: sometimes,
          isRenamed: sometimes,
          ownDefault: sometimes,
          isSplit: sometimes,
          ownIndex: sometimes,
        }),
      ),
    ),
  ),
});
export type Partitioned = typeof partitioned extends fc.Arbitrary<infer T> ? T : never;

const option = fc.constantFrom("", "", "barrier", "both");
const comment = fc.constantFrom("", "", "one", "two");
const part = fc.constantFrom("", "", "one", "other");
const mood = fc.option(fc.constantFrom("ok", "fine"));

const view = fc.record({
  of: fc.oneof(target, viewName),
  columns: fc.subarray([...columnNames], { minLength: 1 }),
  isTurned: sometimes,
  adds: sometimes,
  option,
  comment,
  hasDefault: sometimes,
  isGranted: sometimes,
  /** A trigger or a rule; an index of a materialized view. */
  part,
  calls: sometimes,
  mood,
  isGrouped: sometimes,
  isMaterialized: sometimes,
});

export type View = typeof view extends fc.Arbitrary<infer T> ? T : never;

/** One that is there on both sides, and is mostly another one in a single respect. */
const nearView = fc
  .tuple(view, fc.record({ adds: fc.boolean(), mood, option, comment, part }, { requiredKeys: [] }))
  .map(([one, change]) => [one, { ...one, ...change }] as const);
const viewSlot = fc.oneof(slot(view), nearView);

const routine = fc.record({
  returns: fc.constantFrom("int", "int", "bigint"),
  argument: fc.constantFrom("x", "x", "y"),
  of: fc.option(target),
  column: key,
  isAtomic: fc.boolean(),
});

const sequence = fc.record({
  type: fc.constantFrom("bigint", "bigint", "integer", "smallint"),
  steps,
  isUnlogged: sometimes,
  owner: fc.option(target),
  comment: sometimes,
});

/** Reads a view, so that it comes after it; made anew with another type. */
const reader = fc.record({
  of: viewName,
  returns: fc.constantFrom("int", "int", "bigint"),
  default: fc.constantFrom("", "", " default 1", " default 2"),
  isCalled: fc.boolean(),
});

export const schemaPair = fc.record({
  mood: slot(fc.constantFrom(["ok", "sad"], ["ok", "sad"], ["ok", "sad", "fine"])),
  digit: slot(
    fc.constantFrom(
      "check (value > 0)",
      "check (value > 1)",
      "default 5",
      "default 6 not null",
      "default app.f(1)",
    ),
  ),
  pair: slot(
    fc.constantFrom("l int", "l mood", "l int, r text", "r text, l int", "l int, r mood, s int"),
  ),
  tables: fc.tuple(...tableNames.map(() => slot(fc.constant(true)))),
  inside: fc.tuple(...tableNames.map(() => table)),
  partitioned: slot(fc.constant(true)),
  whole: partitioned,
  views: fc.tuple(viewSlot, viewSlot, viewSlot),
  f: slot(routine),
  g: slot(routine),
  s: slot(sequence),
  h: slot(reader),
});
export type SchemaPair = typeof schemaPair extends fc.Arbitrary<infer T> ? T : never;
