/** What stands in `policies/access.yaml`. */
import * as z from "zod/mini";

const texts = z.record(z.string(), z.string());

export const accessSchema = z.strictObject({
  rows: z._default(texts, {}),
  access: z._default(z.record(z.string(), z.record(z.string(), z.record(z.string(), texts))), {}),
});
