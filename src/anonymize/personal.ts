/** Which columns, and which paths in their JSON, hold personal data, as the scan for it finds. */
import type { Session } from "../db/session.ts";
import type { EventListener } from "../events.ts";
import type { Finding } from "../findings.ts";
import { classify } from "../pii/classify.ts";
import { detectors } from "../pii/detectors/index.ts";
import { applyIgnored, type Ignored } from "../pii/ignore.ts";
import type { PiiFinding, PiiReport } from "../pii/report.ts";
import { describeUnread } from "../pii/run.ts";
import { scan } from "../pii/scan.ts";
import { nameOf, type Table } from "./catalog.ts";

export interface PersonalOptions {
  readonly ledger: { readonly schema: string; readonly table: string };
  /** Lines of policies/pii.yaml. */
  readonly ignored: readonly Ignored[];
  /** A random sample of the rows too: what a name does not say, and documents to their leaves. */
  readonly readsRows: boolean;
  readonly events?: EventListener | undefined;
}

/** What was found, by column. A finding that is only possible asks for no rule. */
export class PersonalData {
  readonly #byColumn = new Map<string, PiiFinding[]>();
  readonly #named = new Map<string, PiiFinding>();
  /** Lines of pii.yaml that are over or about nothing; tables that could not be read. */
  readonly problems: readonly Finding[];

  /** `named`: what names, types, comments and keys say, where `found` is of the rows too. */
  constructor(
    found: readonly PiiFinding[],
    problems: readonly Finding[],
    named: readonly PiiFinding[] = [],
  ) {
    this.problems = problems;
    const keyOfFound = (one: PiiFinding) =>
      keyOf(nameOf({ schema: one.schema, name: one.table }), one.column);
    for (const one of named) {
      const known = this.#named.get(keyOfFound(one));
      if (one.level === "possible" || (known && known.confidence >= one.confidence)) continue;
      this.#named.set(keyOfFound(one), one);
    }
    for (const one of found) {
      const column = keyOfFound(one);
      this.#byColumn.set(column, [...(this.#byColumn.get(column) ?? []), one]);
    }
  }

  /** Certain or likely, the most confident first; of JSON with their paths. */
  of(table: Table, column: string): readonly PiiFinding[] {
    return this.all(table, column).filter(({ level }) => level !== "possible");
  }

  /** What the column's name says, and a sample of its rows does not. */
  overruled(table: Table, column: string): PiiFinding | undefined {
    return this.of(table, column).length > 0
      ? undefined
      : this.#named.get(keyOf(nameOf(table), column));
  }

  /** What is only possible included. */
  all(table: Table, column: string): readonly PiiFinding[] {
    const found = this.#byColumn.get(keyOf(nameOf(table), column)) ?? [];
    return found.toSorted((one, other) => other.confidence - one.confidence);
  }
}

/**
 * Reads names, types, comments and keys of all columns, and rows where that is asked for, each table
 * in a short read-only transaction of its own. Not within a transaction.
 */
export async function findPersonal(
  session: Session,
  { ledger, ignored, readsRows, events }: PersonalOptions,
): Promise<PersonalData> {
  const report: Pick<PiiReport, "findings" | "unread"> & { places?: readonly string[] } = readsRows
    ? await scan(session, { level: "sample", ledger, events })
    : { findings: await classify(session), unread: [] };
  const today = new Date().toISOString().slice(0, 10);
  const columns = report.places && new Set(report.places);
  const { left, problems } = applyIgnored(report.findings, ignored, { today, columns });
  // What is run asks no rows, so that rows which come and go do not decide whether it may.
  const named = readsRows
    ? applyIgnored(await classify(session), ignored, { today, columns })
    : undefined;
  return new PersonalData(left, [...problems, ...report.unread.map(describeUnread)], named?.left);
}

/** "an e-mail address" */
export function sayEntity(entity: string): string {
  return detectors.find((one) => one.entity === entity)?.says ?? entity;
}

/** "looks like an e-mail address (the name says an e-mail address: email)" */
export function sayPersonal({ entity, evidence }: PiiFinding): string {
  return `looks like ${sayEntity(entity)} (${evidence.join("; ")})`;
}

const keyOf = (table: string, column: string) => JSON.stringify([table, column]);
