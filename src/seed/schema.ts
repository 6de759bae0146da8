/** What may stand in a file of seeds/. Types, checks and the JSON schema for editors come from here. */
import * as z from "zod/mini";
import { readMoment } from "./options.ts";
import { locales } from "./dictionary.ts";

const about = (description: string, more: object = {}) => z.meta({ description, ...more });
const whole = (least: number) =>
  z.number().check(
    z.refine((value) => Number.isInteger(value) && value >= least, {
      error: `must be a whole number from ${least}`,
    }),
    z.meta({ type: "integer", minimum: least }),
  );
const scalar = z.union([z.string(), z.number(), z.boolean(), z.null()], {
  error: "must be a text, a number, true, false or null",
});

const mustRise = (payload: { value: { min: number; max: number }; issues: unknown[] }) => {
  if (payload.value.min <= payload.value.max) return;
  payload.issues.push({
    code: "custom",
    input: payload.value,
    message: "has a `max` below its `min`",
  });
};

const perParent = z
  .strictObject({
    per: z.string().check(about("The first column of the foreign key to the parent.")),
    min: z._default(whole(0), 0).check(about("Fewest rows of one parent.")),
    max: whole(0).check(about("Most rows of one parent.")),
    zipf: z
      .optional(z.number().check(z.gte(0, { error: "must not be negative" })))
      .check(
        about(
          "Many parents with few rows, few with many: the exponent, 1 or so. Without it, evenly spread.",
        ),
      ),
  })
  .check(mustRise);

const range = z
  .tuple([z.number(), z.number()])
  .check(
    z.refine(([min, max]) => min <= max, { error: "must be two numbers, the smaller one first" }),
  );

interface SpecInput {
  readonly value?: unknown;
  readonly values?: (string | number | boolean | null)[] | undefined;
  readonly weights?: Record<string, number> | undefined;
  readonly range?: [number, number] | undefined;
  readonly digits?: number | undefined;
  readonly days?: [number, number] | undefined;
  readonly generator?: string | undefined;
  readonly object?: Record<string, SpecInput> | undefined;
  readonly list?: { of: SpecInput; min: number; max: number } | undefined;
  readonly count?: string | undefined;
}
export type { SpecInput };

const specKeys = [
  "value",
  "values",
  "weights",
  "range",
  "days",
  "generator",
  "object",
  "list",
  "count",
] as const;

const oneWay = (payload: { value: SpecInput; issues: unknown[] }, needed: boolean) => {
  if (payload.issues.length > 0) return;
  const given = specKeys.filter((key) => payload.value[key] !== undefined);
  if (given.length === 1 || (given.length === 0 && !needed)) return;
  const message =
    given.length === 0
      ? `needs one of ${specKeys.map((key) => `\`${key}\``).join(", ")}`
      : `has both ${given.map((key) => `\`${key}\``).join(" and ")}; keep one`;
  payload.issues.push({ code: "custom", input: payload.value, message });
};

const specShape = {
  value: z.optional(z.unknown()).check(about("This value in every row; JSON where the column is.")),
  values: z
    .optional(z.array(scalar).check(z.minLength(1, { error: "must not be empty" })))
    .check(about("One of these, each as often as the others.")),
  weights: z
    .optional(z.record(z.string(), z.number().check(z.gt(0, { error: "must be greater than 0" }))))
    .check(about("One of these, as often as its number says.")),
  range: z.optional(range).check(about("A number between these two.")),
  digits: z.optional(whole(0)).check(about("Digits after the point of `range`.")),
  days: z
    .optional(range)
    .check(about("A time between these days from the reference date; -30 is before it.")),
  generator: z
    .optional(z.string())
    .check(about("A generator by its name: `email`, `full name`, `city`.")),
  object: z
    .optional(
      z.record(
        z.string(),
        z.lazy((): z.ZodMiniType<SpecInput> => spec),
      ),
    )
    .check(about("A JSON object, by its keys.")),
  list: z
    .optional(
      z
        .strictObject({
          of: z.lazy((): z.ZodMiniType<SpecInput> => spec),
          min: z._default(whole(0), 1),
          max: z._default(whole(0), 3),
        })
        .check(mustRise),
    )
    .check(about("A JSON array of such values.")),
  count: z.optional(z.string()).check(about("How many rows of this table refer to the row.")),
};

const spec: z.ZodMiniType<SpecInput> = z
  .strictObject(specShape)
  .check((payload) => oneWay(payload, true));

const column = z
  .strictObject({
    ...specShape,
    null_share: z
      .optional(
        z
          .number()
          .check(
            z.gte(0, { error: "must be from 0 to 1" }),
            z.lte(1, { error: "must be from 0 to 1" }),
          ),
      )
      .check(about("Share of rows in which the column is NULL.")),
  })
  .check((payload) => oneWay(payload, false));

const table = z.strictObject({
  rows: z
    .optional(
      z.union([whole(0), perParent], { error: "must be a number of rows, or `{per: …, max: …}`" }),
    )
    .check(about("How many rows, or how many for each row of a parent. 0 leaves the table out.")),
  columns: z
    ._default(z.record(z.string(), column), {})
    .check(about("How columns are filled; those not named are filled by their names and types.")),
});

export const seedSchema = z.strictObject({
  seed: z.optional(z.string()).check(about("Another text gives other data. Default: pgwright.")),
  as_of: z
    .optional(
      z.string().check(
        z.refine((value) => readMoment(value) !== undefined, {
          error: "must be a date of the calendar, or a time with its offset: 2026-01-31T12:00:00Z",
        }),
      ),
    )
    .check(about("The reference date that all times hang on. Default: 2026-01-01.")),
  locale: z
    .optional(z.enum(locales, { error: `must be one of ${locales.join(", ")}` }))
    .check(about("Whose names and places are used. Default: en.")),
  tables: z._default(z.record(z.string(), table), {}).check(about("By `schema.name`.")),
});

export type SeedFile = z.output<typeof seedSchema>;

/** The JSON schema of a file of seeds/, for editors. */
export function seedJsonSchema(): object {
  return {
    title: "A file of seeds/ of pgwright",
    ...z.toJSONSchema(seedSchema, { io: "input", target: "draft-7" }),
  };
}
