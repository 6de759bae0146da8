/** The proof that nothing of a source's personal data is in a target. */
import type { Session } from "../../db/session.ts";
import type { EventListener } from "../../events.ts";
import type { Finding } from "../../findings.ts";
import { loadDictionary } from "../../seed/dictionary.ts";
import { version } from "../../version.ts";
import { type Catalog, nameOf, readCatalog, rootOf } from "../catalog.ts";
import type { MaskingPlan, TableMasking } from "../plan.ts";
import type { MaskingRules } from "../rules/rule.ts";
import countAbsent from "./absent.sql";
import { type Anonymity, measureAnonymity } from "./anonymity.ts";
import { explainHits } from "./explain.ts";
import { KeyedHash } from "./keyed-hash.ts";
import { hashMaskWords } from "./vocabulary.ts";
import { drawSeed, leastDigits, leastLength, setSeed } from "./hash-sql.ts";
import { listHoldings } from "./holdings.ts";
import { checkIntegrity, type Integrity } from "./integrity.ts";
import { listOrigins } from "./origins.ts";
import { type Rescanned, rescan } from "./rescan.ts";
import { takeSample } from "./sample.ts";
import { compareValues } from "./survival.ts";
import { tellSurvivors, type Survival } from "./tell.ts";

/** A column of the source, and what the rules make of it. */
export interface ColumnTold {
  /** `schema.table` */
  readonly table: string;
  readonly column: string;
  readonly isMasked: boolean;
  readonly rules: TableMasking["columns"][number]["rules"];
}

export interface Verification {
  readonly isClean: boolean;
  readonly source: string;
  readonly target: string;
  /** ISO 8601, UTC. */
  readonly at: string;
  readonly toolVersion: string;
  readonly rulesHash: string;
  readonly schemaHash: string;
  /**
   * pseudonymised: whoever has the key can tell which mask a person has; anonymised: the key is gone;
   * unknown: nobody said which key it was.
   */
  readonly kind: "pseudonymised" | "anonymised" | "unknown";
  readonly keyFingerprint: string | undefined;
  readonly columns: readonly ColumnTold[];
  readonly survival: Survival;
  readonly integrity: Integrity;
  readonly scanned: { readonly tables: number; readonly columns: number; readonly rows: number };
  readonly personal: readonly Rescanned[];
  readonly anonymity: readonly Anonymity[];
  /** What this proof says nothing about. */
  readonly notCovered: readonly string[];
  readonly findings: readonly Finding[];
  readonly seconds: number;
}

export interface VerifyRequest {
  /** In a transaction, at the snapshot of the copy where there is one. */
  readonly source: Session;
  /** In none. */
  readonly target: Session;
  readonly plan: MaskingPlan;
  readonly rules: MaskingRules;
  readonly ledger: { readonly schema: string; readonly table: string };
  /** The plan was made with the key that the target was made with; its settings are set in `source`. */
  readonly hasKey: boolean;
  readonly schemaHash: string;
  /** Only some of the rows were copied. */
  readonly isSubset: boolean;
  readonly events: EventListener;
}

/**
 * Holds a target against its source. Reads both, writes neither.
 *
 * @throws PgwrightError `verify-refused`, `interrupted`, `connection-lost`.
 */
export async function verifyCopy(request: VerifyRequest): Promise<Verification> {
  const startedAt = performance.now();
  const at = new Date().toISOString();
  const { source, target, plan, rules, ledger, hasKey, events } = request;
  const catalog = await readCatalog(source, ledger);
  const origins = listOrigins(catalog, rules, plan);
  await target.script("begin isolation level repeatable read read only");
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
  const maskWords = hashMaskWords(
    new Set(origins.list.flatMap(({ maskers }) => maskers)),
    await loadDictionary(rules.locale),
    new KeyedHash(seed),
  );
  const judged = await explainHits(comparison, {
    source,
    catalog,
    plan,
    maskWords,
    origins,
    places,
    hasKey,
  });
  const survival = tellSurvivors({
    comparison,
    judged,
    maskWords,
    origins: origins.list,
    places,
    hasKey,
  });
  events({ type: "step-progress", title: "checking references and counts" });
  const integrity = await checkIntegrity(source, target, plan.tables, request.isSubset);
  const { measured, findings: measures } = await measureAnonymity(target, rules);
  await target.script("commit");
  events({ type: "step-progress", title: "scanning for personal data" });
  const again = await rescan(target, catalog, plan, ledger);
  const findings = [...survival.findings, ...again.findings, ...integrity.findings, ...measures];
  const absent = await target.one<Absent>(countAbsent);
  return {
    isClean: !findings.some(({ severity }) => severity === "error"),
    source: source.server.database,
    target: target.server.database,
    at,
    toolVersion: version,
    rulesHash: plan.rulesHash,
    schemaHash: request.schemaHash,
    kind: plan.isKeyEphemeral ? (hasKey ? "anonymised" : "unknown") : "pseudonymised",
    keyFingerprint: hasKey ? plan.keyFingerprint : undefined,
    columns: listColumns(catalog, plan),
    survival,
    integrity,
    scanned: again.scanned,
    personal: again.found,
    anonymity: measured,
    notCovered: listNotCovered(survival, absent, hasKey),
    findings,
    seconds: Math.round((performance.now() - startedAt) / 10) / 100,
  };
}

function listColumns(catalog: Catalog, plan: MaskingPlan): ColumnTold[] {
  const columns = new Map<string, ColumnTold>();
  for (const { oid, columns: masked } of plan.tables) {
    const table = catalog.byOid.get(oid);
    if (!table) continue;
    const name = nameOf(rootOf(catalog, table));
    for (const { name: column, expression, rules } of masked) {
      const isMasked = expression !== undefined;
      columns.set(`${name} ${column}`, { table: name, column, isMasked, rules });
    }
  }
  return [...columns.values()];
}

interface Absent {
  readonly largeObjects: number;
  readonly foreignTables: number;
}

function listNotCovered({ columns, isCut }: Survival, absent: Absent, hasKey: boolean): string[] {
  const untold = columns.reduce((sum, column) => sum + column.untold, 0);
  const say = (isSo: boolean, text: string): string[] => (isSo ? [text] : []);
  return [
    ...say(
      untold > 0,
      `${untold} originals that tell too little to be told from chance: shorter than ${leastLength} characters, fewer than ${leastDigits} where all are digits, dates and whole seconds. Booleans, enum values, dates and times of day are masked and not looked for.`,
    ),
    ...say(
      isCut,
      "More values were in both databases than can be followed; what is listed is a part.",
    ),
    ...say(
      !hasKey,
      "The key of the copy was not given, so a value that a mask drew by chance cannot be told from one that survived.",
    ),
    ...say(
      absent.largeObjects > 0,
      `${absent.largeObjects} large objects in the copy were not read.`,
    ),
    ...say(
      absent.foreignTables > 0,
      `${absent.foreignTables} foreign tables were not read: their rows are on another server.`,
    ),
    "Originals that are written in another way than in the source: translated, abbreviated, encoded.",
    "What several columns together say about a person, beyond the quasi-identifiers that the rules declare.",
    "Backups, replicas, WAL and server logs of the source, and whatever was derived from it elsewhere.",
  ];
}
