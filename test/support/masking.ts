/** Masking in tests, as the commands do it. */
import type { MaskingKey } from "../../src/anonymize/key.ts";
import { readKey } from "../../src/anonymize/key.ts";
import type { MaskingPlan } from "../../src/anonymize/plan.ts";
import { applySettings, inspectMasking, planMasking } from "../../src/anonymize/plan.ts";
import { parseRules } from "../../src/anonymize/rules/read.ts";
import { selectMasked } from "../../src/anonymize/select.ts";
import type { Session } from "../../src/db/session.ts";
import { PgwrightError } from "../../src/errors.ts";

export const keyText = "8f14e45fceea167a5a36dedd4bea2543c9f0f895fb98ab9159f51fd0297e236d";
export const otherKeyText = "6512bd43d9caa6e02c990b0a82652dca20a53c8b3b0e1f47e9c4d2c7bb1d9a5e";

export const readTestKey = (text = keyText): Promise<MaskingKey> =>
  readKey({ variable: text, file: undefined, isEphemeral: false });

const ledger = { schema: "public", table: "schema_migrations" };

/** Plans by rules given as YAML; all problems are in the error's message. */
export async function planWith(
  session: Session,
  yaml: string,
  key = keyText,
): Promise<MaskingPlan> {
  const rules = parseRules(yaml, "policies/masking.yaml");
  try {
    return await planMasking(session, { rules, key: await readTestKey(key), ledger });
  } catch (error) {
    if (!(error instanceof PgwrightError)) throw error;
    const { notes = [], hint = "" } = error.details;
    throw new Error([error.code, error.message, hint, ...notes].join("; "), { cause: error });
  }
}

/** What is wrong with rules on this database, as `rule: message` lines. */
export async function findingsOf(session: Session, yaml: string): Promise<string[]> {
  const rules = parseRules(yaml, "policies/masking.yaml");
  const { findings } = await inspectMasking(session, { rules, key: await readTestKey(), ledger });
  return findings.map(({ rule, message }) => `${rule}: ${message}`);
}

/** The masked rows of a table, in the order of the original's `order by`. */
export async function maskedRows(
  session: Session,
  plan: MaskingPlan,
  name: string,
  order = "t.ctid",
): Promise<Record<string, unknown>[]> {
  await applySettings(session, plan.settings);
  const table = plan.tables.find((one) => `${one.schema}.${one.name}` === name);
  if (!table) throw new Error(`the plan has no table ${name}`);
  const rows = await session.query<{ row: Record<string, unknown> }>(
    `select to_json(m) as row from (${selectMasked(table)} order by ${order}) m`,
  );
  return rows.map(({ row }) => row);
}
