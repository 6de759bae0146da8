/** The proof that nothing of a source's personal data is in a target. */
import type { Session } from "../../db/session.ts";
import type { EventListener } from "../../events.ts";
import type { Finding } from "../../findings.ts";
import { loadDictionary } from "../../seed/dictionary.ts";
import { version } from "../../version.ts";
import { readCatalog } from "../catalog.ts";
import type { MaskingPlan } from "../plan.ts";
import type { MaskingRules } from "../rules/rule.ts";
import { explainHits } from "./explain.ts";
import { drawSeed, setSeed } from "./hash-sql.ts";
import { listHoldings } from "./holdings.ts";
import { checkIntegrity, type Integrity } from "./integrity.ts";
import { listOrigins } from "./origins.ts";
import { takeSample } from "./sample.ts";
import { compareValues } from "./survival.ts";
import { tellSurvivors, type Survival } from "./tell.ts";

/** What of a database's columns was masked, and what came of it. */
export interface Verification {
  readonly isClean: boolean;
  readonly toolVersion: string;
  readonly rulesHash: string;
  /** Undefined where nobody said which key it was. */
  readonly keyFingerprint: string | undefined;
  readonly survival: Survival;
  readonly integrity: Integrity;
  readonly findings: readonly Finding[];
  readonly seconds: number;
}

export interface VerifyRequest {
  /** Both in a transaction of their own, the source's at the snapshot of the copy where there is one. */
  readonly source: Session;
  readonly target: Session;
  readonly plan: MaskingPlan;
  readonly rules: MaskingRules;
  readonly ledger: { readonly schema: string; readonly table: string };
  /** The plan was made with the key that the target was made with; its settings are set in `source`. */
  readonly hasKey: boolean;
  readonly events: EventListener;
}

/**
 * Holds a target against its source. Reads both, writes neither.
 *
 * @throws PgwrightError `verify-refused`, `interrupted`, `connection-lost`.
 */
export async function verifyCopy(request: VerifyRequest): Promise<Verification> {
  const startedAt = performance.now();
  const { source, target, plan, rules, ledger, hasKey, events } = request;
  const catalog = await readCatalog(source, ledger);
  const origins = listOrigins(catalog, rules, plan);
  const holdings = await listHoldings(target);
  const seed = drawSeed();
  await setSeed(source, seed);
  const comparison = await compareValues({
    source,
    target,
    seed,
    origins,
    holdings,
    takeSample: (sought) => takeSample(source, origins, sought),
    onTable: (title, detail, done, total) =>
      events({ type: "step-progress", title, detail, done, total }),
  });
  const { places } = holdings;
  const dictionary = await loadDictionary(rules.locale);
  const judged = await explainHits(comparison, {
    source,
    catalog,
    plan,
    dictionary,
    seed,
    origins,
    places,
    hasKey,
  });
  const survival = tellSurvivors({ comparison, judged, origins: origins.list, places, hasKey });
  events({ type: "step-progress", title: "checking references and counts" });
  const integrity = await checkIntegrity(source, target, plan.tables, false);
  const findings = [...survival.findings, ...integrity.findings];
  return {
    isClean: !findings.some(({ severity }) => severity === "error"),
    toolVersion: version,
    rulesHash: plan.rulesHash,
    keyFingerprint: hasKey ? plan.keyFingerprint : undefined,
    survival,
    integrity,
    findings,
    seconds: Math.round((performance.now() - startedAt) / 10) / 100,
  };
}
