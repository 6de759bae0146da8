/** `migrate --online`: which statements run in another form than the files have them. */
import type { Statement } from "../../db/script.ts";
import type { Session } from "../../db/session.ts";
import { inShort } from "../../db/sql-text.ts";
import { learn } from "../../locks/learn.ts";
import { statementsOf } from "../journal.ts";
import type { OpenJournal } from "../ledger.ts";
import type { PreparedMigration, PreparedRepeatable } from "../prepare.ts";
import { isLocalSetting, withoutLocal } from "../session-setting.ts";
import { Forms } from "./form.ts";
import { rewrite } from "./rewrite.ts";
import type { Piece, Rewriting } from "./rewriting.ts";
import { makeStatement } from "./rewriting.ts";
import { withRewritings } from "./runs.ts";
import type { Surroundings } from "./surroundings.ts";
import { readSurroundings } from "./surroundings.ts";

/** One statement that runs in its safe form, or blocks others since it has none. */
export interface OnlineChange {
  readonly file: string;
  /** Of the file; undefined where code generated the SQL. */
  readonly line: number | undefined;
  /** Its beginning, as the file has it. */
  readonly statement: string;
  /** What runs in its place, in this order; null where it stays as it is. */
  readonly runs: readonly string[] | null;
  /** Why it, or a part of it, stays as it is. */
  readonly why?: string;
}

interface Prepared {
  readonly migrations: readonly PreparedMigration[];
  readonly repeatables: readonly PreparedRepeatable[];
}

export interface OnlinePlan {
  readonly migrations: readonly PreparedMigration[];
  readonly changes: readonly OnlineChange[];
}

/**
 * Rewrites the statements of pending migrations, in their order. A file that was begun in its safe form
 * goes on in it, asked or not: `journals` say which.
 *
 * Reads the catalog only.
 */
export async function planOnline(
  session: Session,
  { migrations, repeatables }: Prepared,
  journals: readonly OpenJournal[],
  isAsked: boolean,
): Promise<OnlinePlan> {
  const journalOf = ({ file }: PreparedMigration) =>
    journals.find(({ order, direction }) => order === file.order && direction === "up");
  const isBegun = migrations.some((migration) => journalOf(migration)?.online !== undefined);
  const isEmpty = migrations.length + repeatables.length === 0;
  if (isEmpty || (!isAsked && !isBegun)) return { migrations, changes: [] };
  const around = await readSurroundings(session);
  const changes: OnlineChange[] = [];
  const planned = migrations.map((migration) => {
    const file = planFile(migration, journalOf(migration), around, isAsked);
    changes.push(...file.changes);
    return file.migration;
  });
  for (const repeatable of isAsked ? repeatables : []) {
    changes.push(...judgeRepeatable(repeatable, around));
  }
  return { migrations: planned, changes };
}

/** A repeatable file is one transaction, and has no journal by which it could be taken up again. */
function judgeRepeatable({ file, runs }: PreparedRepeatable, around: Surroundings): OnlineChange[] {
  around.model.beginFile();
  return statementsOf(runs).flatMap((statement): OnlineChange[] => {
    const { pieces, kept } = rewrite(statement, around);
    learn(around.model, statement);
    const why = pieces
      ? ["a repeatable file is one transaction: write a versioned one", ...kept]
      : kept;
    if (why.length === 0) return [];
    const line = (file.section.line ?? 1) + statement.line - 1;
    const words = inShort(statement.text);
    return [{ file: file.name, line, statement: words, runs: null, why: why.join("; ") }];
  });
}

function planFile(
  migration: PreparedMigration,
  journal: OpenJournal | undefined,
  around: Surroundings,
  isAsked: boolean,
): { migration: PreparedMigration; changes: OnlineChange[] } {
  const { file, sections, runs } = migration;
  const statements = statementsOf(runs);
  const stored = new Map(journal?.online?.map((one) => [one.statement, one]));
  const done = journal?.doneStatements ?? 0;
  const reached = Math.max(done, journal?.openStatement ?? 0);
  const rewritings: Rewriting[] = [];
  const changes: OnlineChange[] = [];
  let isNew = false;
  const forms = new Forms(around, sections.up.transaction);
  let number = 0;
  around.model.beginFile();
  const settings: { statement: number; original: Statement }[] = [];
  for (const [index, statement] of statements.entries()) {
    const place = index + 1;
    const before = stored.get(place);
    let pieces = before?.original === statement.text ? before.pieces : undefined;
    let kept: readonly string[] = [];
    const isUntouched = number >= reached;
    if (pieces === undefined && isUntouched && isAsked) {
      ({ pieces, kept } = forms.of(statement));
      if (pieces) isNew = true;
      else if (isLocalSetting(statement)) settings.push({ statement: place, original: statement });
    }
    forms.pass(statement);
    number += pieces?.length ?? 1;
    // What is done shows in the catalog.
    if (number > done) {
      for (const one of pieces?.map((piece) => makeStatement(statement, piece)) ?? [statement]) {
        learn(around.model, one);
      }
    }
    if (pieces) rewritings.push({ statement: place, original: statement.text, pieces });
    const isWithin = pieces?.every((piece) => piece.place === "within") ?? true;
    if (number <= done || (kept.length === 0 && isWithin)) continue;
    changes.push({
      file: file.name,
      line: sections.up.line === undefined ? undefined : sections.up.line + statement.line - 1,
      statement: inShort(statement.text),
      runs: pieces?.map(({ sql }) => sql) ?? null,
      ...(kept.length > 0 ? { why: kept.join("; ") } : {}),
    });
  }
  if (isNew && sections.up.transaction) rewritings.push(...settings.map(holdLonger));
  if (rewritings.length === 0) return { migration, changes };
  const sorted = rewritings.toSorted((a, b) => a.statement - b.statement);
  const isStored = JSON.stringify(sorted) === JSON.stringify(journal?.online);
  return {
    migration: {
      ...migration,
      runs: withRewritings(runs, sorted),
      online: { rewritings: sorted, isStored },
    },
    changes,
  };
}

/** The file is several transactions now: SET holds in all of them, where SET LOCAL held in the one. */
function holdLonger({
  statement,
  original,
}: {
  statement: number;
  original: Statement;
}): Rewriting {
  const pieces: Piece[] = [{ sql: withoutLocal(original.text), place: "within" }];
  return { statement, original: original.text, pieces };
}
