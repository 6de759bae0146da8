/**
 * What may stand in policies/partitions.yaml: one entry per partitioned table. Types, checks and
 * the JSON schema for editors come from here.
 */
import * as z from "zod/mini";
import { isTimeZone, periodKinds, startOfDate } from "./periods.ts";
import { parseSpan, spanPattern } from "./span.ts";

const about = (description: string, more: object = {}) => z.meta({ description, ...more });

const text = () => z.string().check(z.minLength(1, { error: "must not be empty" }));

/** A name of PostgreSQL: over 63 bytes the server would cut it off in silence. */
const name = () =>
  text().check(
    z.refine((value) => Buffer.byteLength(value) <= 63, {
      error: "is longer than the 63 bytes of a PostgreSQL name",
    }),
  );

const span = (description: string) =>
  z
    .pipe(
      z.unknown(),
      z.transform((value, context) => {
        const isText = typeof value === "string" || typeof value === "number";
        const parsed = isText ? parseSpan(String(value)) : { mistake: "must be a length of time" };
        if (!("mistake" in parsed)) return parsed;
        context.issues.push({ code: "custom", input: value, message: parsed.mistake });
        return z.NEVER;
      }),
    )
    .check(about(description, { type: "string", pattern: spanPattern }));

const retention = z
  .strictObject({
    keep: span("How long a partition is kept after its last instant: 24mo."),
    drop: z
      ._default(z.boolean(), false)
      .check(about("Drop what is too old; otherwise it is only detached and stays as a table.")),
    schema: z.optional(name()).check(about("Schema that a detached partition is moved to.")),
  })
  .check((payload) => {
    if (payload.issues.length > 0) return;
    const { drop, schema } = payload.value;
    if (!drop || schema === undefined) return;
    payload.issues.push({
      code: "custom",
      input: payload.value,
      message: "has both `drop: true` and `schema:`; a dropped partition goes nowhere",
    });
  });

const value = z.union([z.string(), z.number(), z.boolean(), z.null()], {
  error: "must be a text, a number, true, false or null",
});

const uniqueKey = z.union(
  [
    name(),
    z.strictObject({
      columns: z.array(name()).check(z.minLength(1, { error: "must name at least one column" })),
      key: z
        ._default(z.enum(["exact", "lower"], { error: "must be exact or lower" }), "exact")
        .check(about("How values are compared: as they are, or in lower case.")),
    }),
  ],
  { error: "must be a column, or `{columns: […], key: lower}`" },
);

/** Which keys belong to which way of partitioning, besides `by` and `default`. */
const keysOf = {
  range: ["column", "every", "time_zone", "horizon", "start", "retention"],
  hash: ["modulus"],
  list: ["values"],
} as const;

const needed = { range: ["column", "every"], hash: ["modulus"], list: ["values"] } as const;

const table = z
  .strictObject({
    by: z
      .enum(["range", "hash", "list"], { error: "must be range, hash or list" })
      .check(about("How the rows are divided, as in PARTITION BY.")),
    column: z
      .optional(name())
      .check(about("The partition key of a range: date, timestamp, timestamptz or a uuid (v7).")),
    every: z
      .optional(z.enum(periodKinds, { error: `must be ${periodKinds.join(", ")}` }))
      .check(about("Length of one partition of a range.")),
    time_zone: z
      .optional(
        text().check(
          z.refine(isTimeZone, { error: "is not a time zone; write a name such as Europe/Berlin" }),
        ),
      )
      .check(about("Where the day begins, as an IANA name. Default: UTC.")),
    horizon: z
      .optional(span("How far ahead of today partitions must exist. Default: 90d."))
      .check(about("How far ahead of today partitions must exist. Default: 90d.")),
    start: z
      .optional(
        text().check(
          z.refine(isDate, { error: "is not a date; write one such as 2024-01-01" }),
          z.meta({ format: "date" }),
        ),
      )
      .check(about("The earliest day for which a partition must exist. Default: the oldest one.")),
    retention: z
      .optional(retention)
      .check(about("What happens to old partitions. Default: they stay.")),
    modulus: z
      .optional(
        z
          .int({ error: "must be a whole number" })
          .check(
            z.gte(1, { error: "must be at least 1" }),
            z.lte(10_000, { error: "must be at most 10000" }),
          ),
      )
      .check(about("Number of partitions by hash.")),
    values: z
      .optional(
        z.record(
          z.string().check(
            z.regex(/^[a-z0-9_]+$/, {
              error: "is not a suffix of lower-case letters, digits and `_`",
            }),
          ),
          z.array(value).check(z.minLength(1, { error: "must hold at least one value" })),
        ),
      )
      .check(about("Partitions of a list: the end of each name, with the values it holds.")),
    globally_unique: z
      .optional(z.array(uniqueKey).check(z.minLength(1, { error: "must name at least one key" })))
      .check(
        about(
          "Keys that no unique index can keep across partitions: a column, or columns taken together.",
        ),
      ),
    default: z
      .optional(z.boolean())
      .check(about("Whether a default partition exists; its rows are watched. Default: false.")),
  })
  .check((payload) => {
    // A misspelled key is told once, as the unknown one.
    if (payload.issues.length > 0) return;
    const given = payload.value;
    const complain = (message: string, key?: string) =>
      payload.issues.push({
        code: "custom",
        input: given,
        message,
        path: key === undefined ? [] : [key],
      });
    for (const key of needed[given.by]) {
      if (given[key] === undefined) complain(`needs \`${key}:\` (by: ${given.by})`);
    }
    for (const by of ["range", "hash", "list"] as const) {
      for (const key of keysOf[by]) {
        if (by !== given.by && given[key] !== undefined) {
          complain(`belongs to \`by: ${by}\`, not to \`by: ${given.by}\``, key);
        }
      }
    }
    if (given.by === "hash" && given.default === true) {
      complain("cannot be true: a table by hash has no default partition", "default");
    }
  });

export const partitionsSchema = z.record(text(), table).check(
  z.meta({
    title: "policies/partitions.yaml",
    description: "Which partitions exist, by `schema.table`.",
  }),
);

/** One entry as written, its lengths of time parsed. */
export type TableEntry = z.output<typeof table>;
export type Retention = z.output<typeof retention>;

function isDate(date: string): boolean {
  try {
    startOfDate("UTC", date);
    return true;
  } catch {
    // The calendar says so by a RangeError, as Intl does.
    return false;
  }
}

/** The JSON schema of partitions.yaml, in the draft that editors' YAML plug-ins know best. */
export function partitionsJsonSchema(): object {
  return z.toJSONSchema(partitionsSchema, {
    io: "input",
    unrepresentable: "any",
    target: "draft-7",
  });
}
