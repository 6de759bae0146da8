/** What pending statements lock, scan and rewrite, for a dry run. */
import type { Session } from "../db/session.ts";
import { readModel } from "../locks/catalog.ts";
import type { LockedTable } from "../locks/locked.ts";
import { lockedTables } from "../locks/locked.ts";
import { effectsOf } from "../locks/effects-of.ts";
import { learn } from "../locks/learn.ts";
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

/**
 * Goes through the statements in their order, so that a table which one of them creates counts as
 * new for those behind it. Reads the catalog only.
 */
export async function findCosts(
  session: Session,
  migrations: readonly PreparedMigration[],
  repeatables: readonly PreparedRepeatable[],
): Promise<StatementCost[]> {
  if (migrations.length + repeatables.length === 0) return [];
  const model = await readModel(session);
  const files = [
    ...migrations.map(({ file, runs, sections }) => ({
      name: file.name,
      runs,
      line: sections.up.line,
    })),
    ...repeatables.map(({ file, runs }) => ({ name: file.name, runs, line: file.section.line })),
  ];
  const costs: StatementCost[] = [];
  for (const { name, runs, line } of files) {
    for (const statement of runs.flatMap(statementsOfRun)) {
      const effects = effectsOf(statement, model);
      const found = takesOver(statement)
        ? effects.map((effect) => ({ ...effect, work: "none" as const }))
        : effects;
      const locks = lockedTables(found, model);
      if (locks.length > 0) {
        costs.push({
          file: name,
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

const statementsOfRun = (run: Run) => (run.kind === "block" ? run.statements : [run.statement]);

function inShort(text: string): string {
  const characters = [...text.replaceAll(/\s+/g, " ")];
  return characters.length <= 60 ? characters.join("") : `${characters.slice(0, 59).join("")}…`;
}
