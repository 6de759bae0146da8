/** `seeds/*.sql`: reference data, written by hand, that comes before everything made. */
import { parseScript, ScriptError } from "../db/script.ts";
import { isPostgresError, type Session } from "../db/session.ts";
import { PgwrightError } from "../errors.ts";
import type { EventListener } from "../events.ts";

export interface ReferenceFile {
  /** As shown to people. */
  readonly file: string;
  readonly text: string;
}

const allowed = new Set(["InsertStmt", "UpdateStmt", "DeleteStmt", "MergeStmt", "SelectStmt"]);

/**
 * Runs the files within the open transaction, each statement by itself.
 *
 * @throws PgwrightError `seeds-invalid` with the place, `sql-failed`.
 */
export async function runReference(
  session: Session,
  files: readonly ReferenceFile[],
  { events }: { readonly events: EventListener },
): Promise<void> {
  for (const { file, text } of files) {
    const started = performance.now();
    events({ type: "step-started", title: file });
    let rows = 0;
    for (const statement of parseReference(file, text)) {
      try {
        rows += await session.execute(statement.text);
      } catch (error) {
        if (!isPostgresError(error)) throw error;
        const at = { file, line: statement.line, column: statement.column };
        throw new PgwrightError("sql-failed", error.message, {
          cause: error,
          sqlstate: error.code,
          at,
          source: text,
          notes: error.detail === undefined ? [] : [`detail: ${error.detail}`],
          hint: "nothing was written; reference data says `ON CONFLICT DO NOTHING` to be run again",
        });
      }
    }
    const durationMs = performance.now() - started;
    events({ type: "step-finished", title: file, durationMs, detail: `${rows} rows` });
  }
}

/** @throws PgwrightError `seeds-invalid`. */
export function parseReference(file: string, text: string) {
  try {
    const statements = parseScript(text);
    const other = statements.find(({ kind }) => !allowed.has(kind));
    if (!other) return statements;
    throw new PgwrightError("seeds-invalid", `${file} holds a statement that is not data`, {
      at: { file, line: other.line, column: other.column },
      source: text,
      hint: "only INSERT, UPDATE, DELETE, MERGE and SELECT stand in files of seeds/; a schema is changed by a migration",
    });
  } catch (error) {
    if (!(error instanceof ScriptError)) throw error;
    throw new PgwrightError("seeds-invalid", error.message, {
      at: { file, line: error.line, column: error.column },
      source: text,
    });
  }
}
