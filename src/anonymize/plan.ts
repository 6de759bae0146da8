/**
 * What masking does to a database, as data: for each table the SQL that COPY reads it with. Nothing
 * is created on the source and nothing written, so the plan also runs in a read-only transaction on
 * a standby.
 */
import type { Session } from "../db/session.ts";
import { PgwrightError } from "../errors.ts";
import type { Finding } from "../findings.ts";
import { readCatalog } from "./catalog.ts";
import { type Compiled, compileMasking } from "./compile/compile.ts";
import type { MaskingKey } from "./key.ts";
import { findPersonal, type PersonalData } from "./personal.ts";
import { probeTables } from "./proof/probe.ts";
import type { MaskingRules } from "./rules/rule.ts";
import type { Setting } from "./settings.ts";
import { sessionSettings } from "./settings.ts";

/** What is done to a database: data only, nothing of it is a secret but `settings`. */
export interface MaskingPlan {
  /**
   * Set in each session that reads, before its first COPY, as bound parameters:
   * `select set_config($1, $2, false)`. Derived subkeys, never the key itself.
   */
  readonly settings: readonly Setting[];
  /** Every table with rows of its own (plain tables and leaf partitions) that is copied. */
  readonly tables: readonly TableMasking[];
  /** Sixteen hex digits that tell keys apart. */
  readonly keyFingerprint: string;
  readonly isKeyEphemeral: boolean;
  /** SHA-256 of policies/masking.yaml, in hex. */
  readonly rulesHash: string;
}

export interface TableMasking {
  readonly oid: number;
  readonly schema: string;
  readonly name: string;
  /** The stored columns that COPY carries (no generated ones), in attnum order. */
  readonly columns: readonly ColumnMasking[];
  /**
   * SQL to read from, with the alias `t` for the table: `ONLY "s"."t" t`, and the subqueries that
   * compute what several columns draw from, once for each row.
   */
  readonly from: string;
  /**
   * Set where a partition key is masked: rows may belong to another partition than the one they are
   * read from, so they are copied into this table, which routes them.
   */
  readonly routeTo?: { readonly schema: string; readonly name: string };
}

export interface ColumnMasking {
  readonly name: string;
  /** SQL over `from`, of the column's type; undefined: carried as it is. */
  readonly expression?: string;
  /** What a report says: the masker's name and why it is kept, per JSON path where there are several. */
  readonly rules: readonly {
    readonly path?: string;
    readonly masker: string;
    readonly reason?: string;
  }[];
}

export interface PlanOptions {
  readonly rules: MaskingRules;
  readonly key: MaskingKey;
  /** Its table and its log, `<table>_log`, are no part of the plan. */
  readonly ledger: { readonly schema: string; readonly table: string };
  /** What was found by reading rows; undefined: names, types and keys are looked at. */
  readonly personal?: PersonalData | undefined;
}

/**
 * Plans the masking of every table. The session is left with the settings of the plan: names
 * resolve to pg_catalog alone, times are in UTC, row security raises instead of hiding rows.
 *
 * @throws PgwrightError `masking-refused` with every problem, when one of them would break a
 * constraint, mask nothing, or leave an unclassified column as it is.
 */
export async function planMasking(session: Session, options: PlanOptions): Promise<MaskingPlan> {
  const { plan, findings } = await inspectMasking(session, options);
  refuseErrors(findings, options.rules.file);
  return plan;
}

/** @throws PgwrightError `masking-refused` with every error among the findings. */
export function refuseErrors(findings: readonly Finding[], file: string): void {
  const errors = findings.filter(({ severity }) => severity === "error");
  const [first] = errors;
  if (!first) return;
  const all = "see all of it: pgwright anonymize check";
  if (errors.length > 1) {
    throw new PgwrightError(
      "masking-refused",
      `${file} cannot be run on this database: ${errors.length} problems`,
      { notes: errors.map(sayFinding), hint: all },
    );
  }
  const { message, hint = all, at, source } = first;
  throw new PgwrightError("masking-refused", message, { hint, at, source });
}

/**
 * The plan with all that is wrong about it, for those that report instead of refusing. Not within a
 * transaction: what is tried on rows may fail, which would end it.
 */
export async function inspectMasking(
  session: Session,
  { rules, key, ledger, personal }: PlanOptions,
): Promise<{ plan: MaskingPlan; compiled: Compiled; findings: Finding[] }> {
  await applySettings(session, sessionSettings);
  const catalog = await readCatalog(session, ledger);
  const compiled = await compileMasking({
    catalog,
    rules,
    key,
    personal:
      personal ??
      (await findPersonal(session, { ledger, ignored: rules.ignored, readsRows: false })),
  });
  await applySettings(session, compiled.settings);
  const findings = [...compiled.findings];
  // What does not compile cannot be tried.
  if (!findings.some(({ rule }) => rule === "masking/expression")) {
    findings.push(...(await probeTables(session, compiled)));
  }
  const plan: MaskingPlan = {
    settings: compiled.settings,
    tables: compiled.tables.map(({ masking }) => masking),
    keyFingerprint: key.fingerprint,
    isKeyEphemeral: key.isEphemeral,
    rulesHash: rules.hash,
  };
  return { plan, compiled, findings: tellOnce(findings, rules.source) };
}

/** Each partition, and the history of a table, meet the same problem. */
function tellOnce(findings: readonly Finding[], source: string): Finding[] {
  const seen = new Map(findings.map((one) => [`${one.rule} ${one.message}`, one]));
  return [...seen.values()].map((one) => (one.at ? { ...one, source } : one));
}

/** Sets them for the session, in one bound parameter: the text of the statement shows no key. */
export async function applySettings(session: Session, settings: readonly Setting[]): Promise<void> {
  await session.query(
    "select count(set_config(name, value, false)) from json_to_recordset($1::text::json) as s(name text, value text)",
    [JSON.stringify(settings)],
  );
}

function sayFinding({ message, at, hint }: Finding): string {
  const place = at ? `${at.file}:${at.line}:${at.column} ` : "";
  return `${place}${message}${hint === undefined ? "" : ` (${hint})`}`;
}
