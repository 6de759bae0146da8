/** Opens both databases for a verification on its own. */
import type { EventListener } from "../../events.ts";
import { PgwrightError } from "../../errors.ts";
import { dumpAroundRows } from "../../schema/around-rows.ts";
import { type Open, openForCopy } from "../copy/open.ts";
import type { Source } from "../copy/source.ts";
import { openReader } from "../copy/transfer.ts";
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

/**
 * Verifies a copy against its source as it is now.
 *
 * @throws PgwrightError `verify-refused`, `masking-refused`, and those of connecting.
 */
export async function verifyAgainst(request: AgainstRequest): Promise<Verification> {
  const { openSource, openTarget, rules, key, ledger, signal, events, hasKey } = request;
  await using target = await openForCopy(openTarget, { writes: false, signal });
  await using source = await openForCopy(openSource, { writes: false, signal });
  await refuseSame(source.server, target.server);
  const schema = await dumpAroundRows(source, { ledger, omitOwners: false, omitGrants: false });
  const plan = await planMasking(source, { rules, key, ledger });
  await applySettings(source, plan.settings);
  await applySettings(target, sessionSettings);
  await source.script("begin isolation level repeatable read read only");
  return await verifyCopy({
    source,
    target,
    plan,
    rules,
    ledger,
    hasKey,
    schemaHash: schema.fingerprint,
    isSubset: false,
    events,
  });
}

/** Verifies a copy at the end of its run, against the snapshot that it was made from. */
export async function proveRun(
  copied: Source,
  request: Pick<
    AgainstRequest,
    "openSource" | "openTarget" | "rules" | "ledger" | "signal" | "events"
  > & {
    readonly subset: unknown;
  },
): Promise<Verification> {
  const { openSource, openTarget, rules, ledger, signal, events } = request;
  await using source = await openReader(copied, openSource, signal);
  await using target = await openForCopy(openTarget, { writes: false, signal });
  await applySettings(target, sessionSettings);
  return await verifyCopy({
    source,
    target,
    plan: copied.plan,
    rules,
    ledger,
    hasKey: true,
    schemaHash: copied.schema.fingerprint,
    isSubset: request.subset !== undefined,
    events,
  });
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
