/** Verifications for tests, with rules given as YAML. */
import { copyDatabase } from "../../src/anonymize/copy/copy.ts";
import { planMasking } from "../../src/anonymize/plan.ts";
import { parseRules } from "../../src/anonymize/rules/read.ts";
import { verifyAgainst } from "../../src/anonymize/verify/against.ts";
import type { Verification } from "../../src/anonymize/verify/verify.ts";
import { opener } from "./anonymize.ts";
import type { TestDatabase } from "./database.ts";
import { keyText, readTestKey } from "./masking.ts";

export const ledger = { schema: "public", table: "schema_migrations" };

export async function copyMasked(
  source: TestDatabase,
  target: TestDatabase,
  yaml: string,
  key = keyText,
) {
  const rules = parseRules(yaml, "policies/masking.yaml");
  const maskingKey = await readTestKey(key);
  return copyDatabase({
    openSource: opener(source.url),
    openTarget: opener(target.url),
    targetDatabase: target.name,
    planMasking: (session) => planMasking(session, { rules, key: maskingKey, ledger }),
    ledger,
    replace: undefined,
    omitOwners: false,
    omitGrants: false,
    jobs: 2,
    unitBytes: 2 ** 30,
    dryRun: false,
    events: () => {},
  });
}

export async function verifyWith(
  source: TestDatabase,
  target: TestDatabase,
  yaml: string,
  { key = keyText, hasKey = true }: { key?: string; hasKey?: boolean } = {},
): Promise<Verification> {
  return verifyAgainst({
    openSource: opener(source.url),
    openTarget: opener(target.url),
    rules: parseRules(yaml, "policies/masking.yaml"),
    key: await readTestKey(key),
    hasKey,
    ledger,
    events: () => {},
  });
}
