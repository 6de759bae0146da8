/** What pending statements lock, scan and rewrite, for a dry run. */
import type { Session } from "../db/session.ts";
import { readModel } from "../locks/catalog.ts";
import type { LockedTable } from "../locks/locked.ts";
import { lockedTables } from "../locks/locked.ts";
import { effectsOf } from "../locks/effects-of.ts";
import { learn } from "../locks/learn.ts";
import { qualify } from "../locks/qualify.ts";
import { schemasIn } from "../locks/scope.ts";
import { inShort } from "../db/sql-text.ts";
import { statementsOf } from "./journal.ts";
import type { OpenJournal } from "./ledger.ts";
import { takesOver } from "./online/rewriting.ts";
import type { PreparedMigration, PreparedRepeatable } from "./prepare.ts";
import type { Run } from "./segment.ts";

/** One statement that takes a lock others could notice, on a table that is there. */
export interface StatementCost {
  readonly file: string;
  /** Of the file; undefined where code generated the SQL. */
  readonly line: number | undefined;
  /** Its beginning. */
  readonly statement: string;
  readonly locks: readonly LockedTable[];
}

/** The statements of one direction of one file. */
export interface Costed {
  readonly file: string;
  readonly runs: readonly Run[];
  /** Line of the file on which the section begins, if it is in a file. */
  readonly line: number | undefined;
  /** Statements that an earlier run has done. */
  readonly done?: number;
}

/** What pending files cost; those that were begun, from there on. */
export function costedUp(
  migrations: readonly PreparedMigration[],
  repeatables: readonly PreparedRepeatable[],
  journals: readonly OpenJournal[],
): Costed[] {
  return [
    ...migrations.map(({ file, runs, sections }) => ({
      file: file.name,
      runs,
      line: sections.up.line,
      done: journals.find(({ order }) => order === file.order)?.doneStatements ?? 0,
    })),
    ...repeatables.map(({ file, runs }) => ({ file: file.name, runs, line: file.section.line })),
  ];
}

/**
 * Goes through the statements in their order, so that a table which one of them creates counts as
 * new for those behind it. Reads the catalog only.
 */
export async function findCosts(
  session: Session,
  files: readonly Costed[],
): Promise<StatementCost[]> {
  if (files.length === 0) return [];
  const model = await readModel(session);
  const costs: StatementCost[] = [];
  for (const { file, runs, line, done = 0 } of files) {
    const statements = statementsOf(runs);
    model.beginFile();
    const schemas = schemasIn(statements, model);
    for (const written of statements.slice(done)) {
      const statement = qualify(written, schemas.get(written));
      const effects = effectsOf(statement, model);
      const found = takesOver(statement)
        ? effects.map((effect) => ({ ...effect, work: "none" as const }))
        : effects;
      const locks = lockedTables(found, model);
      if (locks.length > 0) {
        costs.push({
          file,
          line: line === undefined ? undefined : line + statement.line - 1,
          statement: inShort(statement.text),
          locks,
        });
      }
      learn(model, statement);
    }
  }
  return costs;
}
