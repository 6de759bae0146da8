/** Opens both databases for a verification on its own. */
import type { EventListener } from "../../events.ts";
import { PgwrightError } from "../../errors.ts";
import { type Open, openForCopy } from "../copy/open.ts";
import type { MaskingKey } from "../key.ts";
import { applySettings, planMasking } from "../plan.ts";
import type { MaskingRules } from "../rules/rule.ts";
import { sessionSettings } from "../settings.ts";
import { type Verification, verifyCopy } from "./verify.ts";

export interface AgainstRequest {
  readonly openSource: Open;
  readonly openTarget: Open;
  readonly rules: MaskingRules;
  readonly key: MaskingKey;
  readonly hasKey: boolean;
  readonly ledger: { readonly schema: string; readonly table: string };
  readonly signal?: AbortSignal | undefined;
  readonly events: EventListener;
}

const begin = "begin isolation level repeatable read read only";

/**
 * Verifies a copy against its source as it is now.
 *
 * @throws PgwrightError `verify-refused`, `masking-refused`, and those of connecting.
 */
export async function verifyAgainst(request: AgainstRequest): Promise<Verification> {
  const { openSource, openTarget, rules, key, ledger, signal, events, hasKey } = request;
  await using target = await openForCopy(openTarget, { writes: false, signal });
  await using source = await openForCopy(openSource, { writes: false, signal });
  const plan = await planMasking(source, { rules, key, ledger });
  await applySettings(source, plan.settings);
  await applySettings(target, sessionSettings);
  await source.script(begin);
  await target.script(begin);
  await refuseSame(source.server, target.server);
  return await verifyCopy({ source, target, plan, rules, ledger, hasKey, events });
}

/** @throws PgwrightError `verify-refused` where the source is named as its own copy. */
async function refuseSame(
  source: { readonly host: string; readonly port: number; readonly database: string },
  target: typeof source,
): Promise<void> {
  const isSame =
    source.host === target.host &&
    source.port === target.port &&
    source.database === target.database;
  if (!isSame) return;
  throw new PgwrightError("verify-refused", `\`${source.database}\` is the source itself`, {
    hint: "--source names what was copied; --url (or the environment) names the copy",
  });
}
