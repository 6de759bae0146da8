/** What may stand in policies/masking.yaml. Types, checks and the JSON schema for editors come from here. */
import * as z from "zod/mini";
import { locales } from "../../seed/dictionary.ts";
import { maskers } from "../maskers/list.ts";

const about = (description: string, more: object = {}) => z.meta({ description, ...more });
const whole = (least: number, most: number) =>
  z.number().check(
    z.refine((value) => Number.isInteger(value) && value >= least && value <= most, {
      error: `must be a whole number from ${least} to ${most}`,
    }),
    z.meta({ type: "integer", minimum: least, maximum: most }),
  );
const text = z.string().check(z.minLength(1, { error: "must not be empty" }));
const scalar = z.union([z.string(), z.number(), z.boolean(), z.null()], {
  error: "must be a text, a number, true, false or null",
});
// What is kept is said with `keep: true` and a reason.
const names = maskers.map(({ name }) => name).filter((name) => name !== "keep");
const masker = z.enum(names as [string, ...string[]], {
  error: ({ input }) =>
    `${typeof input === "string" ? `\`${input}\` is no masker; there ` : "must be the name of a masker; there "}are ${names.join(", ")}`,
});

const rule = z
  .strictObject({
    mask: z
      .optional(z.union([masker, z.null()], { error: "must be the name of a masker" }))
      .check(about("The masker.")),
    keep: z
      .optional(
        z.union([z.literal(true), z.array(text).check(z.minLength(1))], {
          error: "must be `true`, or the paths that `**` leaves as they are",
        }),
      )
      .check(
        about(
          "`true`: carried as it is, for the `reason`. A list, on `….**`: paths below it that are.",
        ),
      ),
    reason: z.optional(text).check(about("Why it may be kept; part of the report.")),
    domain: z
      .optional(text)
      .check(about("Equal values of all columns of this name become equal masks.")),
    deterministic: z
      .optional(z.literal(true, { error: "can only be `true`" }))
      .check(about("Equal values of this column become equal masks.")),
    value: z.optional(scalar).check(about("fixed: the value.")),
    values: z
      .optional(
        z
          .array(z.union([z.string(), z.number(), z.boolean()]))
          .check(z.minLength(1, { error: "must not be empty" })),
      )
      .check(about("choice: one of these.")),
    first: z
      .optional(whole(0, 1000))
      .check(about("partial, prefix: characters kept at the beginning.")),
    last: z.optional(whole(0, 1000)).check(about("partial: characters kept at the end.")),
    with: z
      .optional(text)
      .check(about("partial: the sign that stands for the others. Default: *.")),
    length: z.optional(whole(1, 48)).check(about("hash: hex digits. Default: 32.")),
    by: z
      .optional(text)
      .check(about("date_shift: the column that names the person; all of theirs move alike.")),
    max_days: z
      .optional(whole(1, 36500))
      .check(about("date_shift: at most so many days back. Default: 365.")),
    unit: z
      .optional(z.enum(["hour", "day", "week", "month", "quarter", "year", "decade"]))
      .check(about("date_trunc: to the beginning of this. Default: year.")),
    percent: z
      .optional(
        z
          .number()
          .check(
            z.gt(0, { error: "must be above 0" }),
            z.lte(100, { error: "must be at most 100" }),
          ),
      )
      .check(about("noise: at most so far away. Default: 10.")),
    width: z
      .optional(z.number().check(z.gt(0, { error: "must be above 0" })))
      .check(about("range: the width of a bucket. Default: 10.")),
    country: z
      .optional(
        z
          .string()
          .check(z.regex(/^[A-Z]{2}$/, { error: "must be a country's two letters, like DE" })),
      )
      .check(about("phone, iban: the country where the value does not say it.")),
    names: z
      .optional(z.array(text).check(z.minLength(1)))
      .check(about("redact: columns of the row whose values are taken out too.")),
    sql: z
      .optional(text)
      .check(about("sql: an expression over the row `t`; names are written with their schema.")),
  })
  .check((payload) => {
    const { mask, keep, reason } = payload.value;
    const say = (message: string) =>
      payload.issues.push({ code: "custom", input: payload.value, message });
    if (keep === true && mask !== undefined) say("has both `mask` and `keep: true`; keep one");
    else if (keep !== true && mask === undefined)
      say("needs `mask`, or `keep: true` with a `reason`");
    else if (keep === true && reason === undefined) say("needs a `reason` for what is kept");
  });

const mirror = z.strictObject({
  table: text.check(about("The column that names the recorded table, as `schema.name`.")),
  values: z
    .array(text)
    .check(z.minLength(1), about("JSONB columns that hold a recorded row: its values by column.")),
  key: z.optional(text).check(about("The column that holds the recorded row's key as text.")),
});

const table = z
  .strictObject({
    where: z
      .optional(text)
      .check(about("SQL over the row `t`: only such rows are masked. Needs `keep_reason`.")),
    keep_reason: z.optional(text).check(about("Why the rows outside `where` may be kept.")),
    columns: z
      ._default(
        z.record(
          z.string(),
          z.union([masker, rule], { error: "must be the name of a masker, or `{mask: …}`" }),
        ),
        {},
      )
      .check(
        about('By column, or by path into a JSON column: `"meta.contacts[*].email"`, `"meta.**"`.'),
      ),
    mirror: z
      .optional(mirror)
      .check(about("A history of other tables, masked by the rules of those.")),
  })
  .check((payload) => {
    const { where, keep_reason: reason } = payload.value;
    const say = (message: string) =>
      payload.issues.push({ code: "custom", input: payload.value, message });
    if (where !== undefined && reason === undefined) say("has `where` without a `keep_reason`");
    if (where === undefined && reason !== undefined) say("has `keep_reason` without `where`");
  });

export const maskingSchema = z.strictObject({
  locale: z
    .optional(z.enum(locales, { error: `must be one of ${locales.join(", ")}` }))
    .check(about("Whose names and places are used. Default: en.")),
  defaults: z
    ._default(
      z.strictObject({
        unclassified: z
          ._default(
            z.enum(["fail", "mask", "keep"], { error: "must be `fail`, `mask` or `keep`" }),
            "fail",
          )
          .check(
            about(
              "A column that can hold personal data and has no rule: refuse to run, mask or keep.",
            ),
          ),
      }),
      { unclassified: "fail" },
    )
    .check(about("What holds where no rule is given.")),
  privacy: z
    .optional(
      z.strictObject({
        k: z
          .optional(whole(2, 1000))
          .check(
            about(
              "So many rows must be alike in each combination of quasi-identifiers; `verify` fails where fewer are. Without it, `verify` warns below 5.",
            ),
          ),
        quasi_identifiers: z
          .record(z.string(), z.array(text).check(z.minLength(1)))
          .check(
            about(
              "By `schema.name`: columns that together could tell who a row is about, like place, gender and date of birth.",
            ),
          ),
      }),
    )
    .check(about("What `verify` measures in the copy beside the masks.")),
  tables: z._default(z.record(z.string(), table), {}).check(about("By `schema.name`.")),
});

export type MaskingFile = z.output<typeof maskingSchema>;

/** The JSON schema of policies/masking.yaml, for editors. */
export function maskingJsonSchema(): object {
  return {
    title: "policies/masking.yaml of pgwright",
    ...z.toJSONSchema(maskingSchema, { io: "input", target: "draft-7" }),
  };
}
