/** What stands in a plan that `migrate --dry-run --output` writes. */
import * as z from "zod/mini";

const text = z.string();

const applied = z.strictObject({ version: text, checksum: text });
const file = z.strictObject({ file: text, checksum: text });

export const planSchema = z.strictObject({
  format: z.literal("pgwright plan 1"),
  hash: text,
  madeAt: text,
  madeOn: z.strictObject({ host: text, toolVersion: text }),
  database: z.strictObject({ name: text, system: z.nullable(text) }),
  session: z.strictObject({ role: text, settings: z.record(text, text) }),
  options: z.strictObject({
    to: z.nullable(text),
    steps: z.nullable(z.number()),
    outOfOrder: z.boolean(),
    allowNewer: z.boolean(),
    online: z.optional(z.boolean()),
  }),
  files: z.array(file),
  applied: z.array(applied),
  policies: z.nullable(text),
  schema: z.record(text, text),
  sql: z.array(text),
});

/** A plan as its file holds it. */
export type Plan = z.infer<typeof planSchema>;
