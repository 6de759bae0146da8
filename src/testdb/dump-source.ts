/** A template that is loaded from a dump: plain SQL as `pgwright dump` and `pg_dump` write it. */
import { readFile } from "node:fs/promises";
import { findClientParts } from "../db/lexer.ts";
import { placesIn } from "../db/place.ts";
import {
  isClientCopy,
  loadParser,
  parseScript,
  ScriptError,
  type Statement,
} from "../db/script.ts";
import { isPostgresError, type Session } from "../db/session.ts";
import { as } from "../db/tree.ts";
import { PgwrightError } from "../errors.ts";
import { serverNotes } from "../migrate/server-error.ts";
import { isServerWide } from "../migrate/server-wide.ts";
import type { TemplateSource } from "./project.ts";

/**
 * @param path absolute.
 * @param shown as messages name it.
 */
export function dumpSource(path: string, shown: string): TemplateSource {
  return {
    content: { directories: [], files: [path], settings: { from: "dump" } },
    async fill(open, { events }) {
      const steps = await readDump(await readFile(path, "utf8"), shown);
      await using session = await open({ writes: true, direct: true });
      // A crash loses the draft as a whole.
      await session.query("set synchronous_commit = off");
      const title = `loading ${shown}`;
      events({ type: "step-started", title });
      for (const step of steps) await runStep(session, step, shown);
    },
  };
}

/** @throws PgwrightError `usage` when there is no such file. */
export async function requireDump(path: string, shown: string): Promise<void> {
  try {
    await readFile(path);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    throw new PgwrightError("usage", `\`--from\` names ${shown}, which cannot be read (${code})`, {
      cause,
      hint: "a dump in plain SQL: `pgwright dump --output schema.sql`, `pg_dump --file dump.sql`",
    });
  }
}

interface Step {
  readonly statement: Statement;
  /** What follows COPY … FROM stdin. */
  readonly data?: Buffer;
}

// They only switch off psql's own commands while the dump is read, and psql is not there.
const harmless = /^\\(?:un)?restrict\b/;

/**
 * The statements of a dump, each COPY … FROM stdin with its rows.
 *
 * @throws PgwrightError `testdb-refused` with the place of what is not SQL or reaches beyond the
 * database that is filled, and for a dump without a statement, before anything is run.
 */
async function readDump(text: string, shown: string): Promise<Step[]> {
  await loadParser();
  const parts = findClientParts(text);
  const command = parts.find(
    ({ kind, start, end }) => kind === "meta-command" && !harmless.test(text.slice(start, end)),
  );
  if (command !== undefined) {
    const said = text.slice(command.start, command.end).trim();
    throw refuse(`\`${said}\` is a command of psql`, text, command.start, shown);
  }
  let masked = "";
  let at = 0;
  for (const { start, end } of parts) {
    // White space of the same length: what follows keeps its place.
    masked += text.slice(at, start) + text.slice(start, end).replaceAll(/[^\n]/g, " ");
    at = end;
  }
  masked += text.slice(at);
  const rows = parts.filter(({ kind }) => kind === "copy-data");
  const statements = parse(masked, text, shown);
  if (statements.length === 0) {
    const what = text.trim() === "" ? "it is empty" : "it holds no statement";
    throw new PgwrightError("testdb-refused", `${shown} cannot be loaded: ${what}`, {
      hint: "the command that wrote it may have failed: dump again; nothing was made",
    });
  }
  for (const statement of statements) refuseBeyond(statement, text, shown);
  return statements.map((statement): Step => {
    const copy = as(statement.node, "CopyStmt");
    if (copy?.is_from !== true || !isClientCopy(copy)) return { statement };
    const part = rows.find(({ start }) => start >= statement.end);
    if (part === undefined) {
      throw refuse("no rows follow this COPY … FROM stdin", text, statement.start, shown);
    }
    return { statement, data: dataOf(text.slice(part.start, part.end)) };
  });
}

/** @throws PgwrightError `testdb-refused` for what would change more than the database that is filled. */
function refuseBeyond(statement: Statement, text: string, shown: string): void {
  const copy = as(statement.node, "CopyStmt");
  // What COPY writes, and whatever a program does, is outside of every database.
  const beyond =
    copy !== undefined && (copy.is_from !== true || copy.is_program === true)
      ? "reaches for the server's files or programs"
      : isServerWide(statement)
        ? "concerns the server or another database"
        : undefined;
  if (beyond === undefined) return;
  // Three words name it; further on there may be a password.
  const said = statement.text.split(/\s+/, 3).join(" ");
  throw new PgwrightError(
    "testdb-refused",
    `${shown} cannot be loaded: \`${said}\` ${beyond}, and a test database is all that may change`,
    {
      at: { file: shown, ...placesIn(text)(statement.start) },
      source: text,
      hint: "dump one database, without --create and with --no-subscriptions, not all of them with pg_dumpall; nothing of the file was run",
    },
  );
}

function parse(masked: string, text: string, shown: string): Statement[] {
  try {
    return parseScript(masked);
  } catch (error) {
    if (!(error instanceof ScriptError)) throw error;
    throw refuse(error.message, text, error.offset, shown);
  }
}

/** The lines between the statement's end and `\.`. */
function dataOf(part: string): Buffer {
  return Buffer.from(part.replace(/\\\.\s*$/, ""));
}

function refuse(message: string, text: string, offset: number, file: string): PgwrightError {
  return new PgwrightError("testdb-refused", `${file} cannot be loaded: ${message}`, {
    at: { file, ...placesIn(text)(offset) },
    source: text,
    hint: "plain SQL is needed, as `pgwright dump` and `pg_dump` without --format write it",
  });
}

async function runStep(session: Session, { statement, data }: Step, shown: string): Promise<void> {
  try {
    if (data === undefined) await session.script(statement.text);
    else await session.copyIn(statement.text, [data]);
  } catch (error) {
    if (!isPostgresError(error)) throw error;
    const { line, column } = statement;
    throw new PgwrightError("sql-failed", `${shown} could not be loaded: ${error.message}`, {
      cause: error,
      sqlstate: error.code,
      at: { file: shown, line, column },
      notes: serverNotes(error),
      hint: "a dump brings no roles: make those that it names first, or dump with --no-owner",
    });
  }
}
