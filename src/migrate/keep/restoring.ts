/** Kept data as parts of the migrations that put them back. */
import { splitName } from "../../db/identifier.ts";
import { allOf, findNodes } from "../../db/tree.ts";
import type { Job } from "../apply.ts";
import { statementsOf } from "../journal.ts";
import type { Since } from "../ledger-sql.ts";
import type { Run } from "../segment.ts";
import { newEnumValue } from "../segment.ts";
import type { Kept } from "./shape.ts";
import { noteBeforeSql, noteLeftSql } from "./leave-sql.ts";
import { noteChangesSql, restoreSql } from "./restore-sql.ts";

/**
 * The jobs, each with its data put back in the transaction that records it. That is the one of its last
 * statements, unless they add a value to an enum, which no row may have before they are committed.
 * With `leaves` the data stay where they are, and it is noted what is there instead.
 */
export function planRestoring(jobs: readonly Job[], kept: readonly Kept[], leaves = false): Job[] {
  return jobs.map((job) => {
    const own = kept.filter(
      ({ version }) => "change" in job.prepared && version === job.prepared.file.version,
    );
    if (own.length === 0) return job;
    const { record, runs } = job.work;
    const changes = leaves ? noteBeforeSql(own) : noteChangesSql(own);
    const ending = leaves ? noteLeftSql : restoreSql;
    const made = new Set(
      own.map(({ shape }) => shape.table).filter((table) => onlyInserts(runs, table)),
    );
    const work = {
      ...job.work,
      ...(changes.length > 0 ? { prologue: changes } : {}),
      ...(endsWithEnumValue(runs) ? { recordsApart: true } : {}),
      record: (since: Since) => [...ending(own, made), ...record(since)],
    };
    return { ...job, work };
  });
}

/** A value that is added to an enum cannot be used in the same transaction (55P04). */
function endsWithEnumValue(runs: readonly Run[]): boolean {
  const last = runs.at(-1);
  return (
    last?.kind === "block" &&
    last.statements.some((statement) => newEnumValue(statement) !== undefined)
  );
}

/** True when rows of the table that its transaction has written are new ones: it inserts, and changes none. */
function onlyInserts(runs: readonly Run[], table: string): boolean {
  const [schema, name] = splitName(table) ?? [];
  const isIt = (relation?: { readonly relname?: string; readonly schemaname?: string }) =>
    relation?.relname === name && (relation?.schemaname ?? schema) === schema;
  const nodes = statementsOf(runs).map(({ node }) => node);
  const inserts = findNodes(nodes, "InsertStmt").filter(({ relation }) => isIt(relation));
  const changes = [
    ...findNodes(nodes, "UpdateStmt"),
    ...findNodes(nodes, "MergeStmt"),
    ...inserts.filter(({ onConflictClause }) => onConflictClause?.action === "ONCONFLICT_UPDATE"),
  ].some(({ relation }) => isIt(relation));
  const isCode = allOf(nodes, "DoStmt").length > 0 || allOf(nodes, "CallStmt").length > 0;
  return inserts.length > 0 && !changes && !isCode;
}
