/** Dropping test databases that somebody names. Nothing without our mark and a lease is touched. */
import { describeRefusal } from "../database/refusal.ts";
import { ident } from "../db/identifier.ts";
import type { Session } from "../db/session.ts";
import { PgwrightError } from "../errors.ts";
import { findMarked, listMarked, type MarkedDatabase } from "./inventory.ts";
import { type TestServer, withMaintenance } from "./server.ts";

export interface DropChoice {
  readonly names: readonly string[];
  readonly run: string | undefined;
  /** Every one that this user has made from this machine; templates and drafts are shared. */
  readonly by: string | undefined;
}

export interface DropResult {
  /** In a dry run, what would be. */
  readonly dropped: readonly string[];
  /** The SQL a dry run would execute. */
  readonly sql?: string;
}

/** @throws PgwrightError `testdb-refused` for a name that is no test database, before any is dropped. */
export async function dropTestDatabases(
  server: TestServer,
  choice: DropChoice,
  { dryRun }: { readonly dryRun: boolean },
): Promise<DropResult> {
  return withMaintenance(server, async (session) => {
    const chosen = choose(await listMarked(session), choice).map(({ name }) => name);
    if (dryRun) {
      return { dropped: chosen, sql: chosen.map((name) => `${dropStatement(name)};\n`).join("") };
    }
    const dropped: string[] = [];
    for (const name of chosen) if (await dropMarked(session, name)) dropped.push(name);
    return { dropped };
  });
}

/** Looks at the mark again and drops, ending the sessions in it; false when it is gone. */
export async function dropMarked(session: Session, name: string): Promise<boolean> {
  if ((await findMarked(session, name)) === undefined) return false;
  try {
    await session.settle(dropStatement(name));
    return true;
  } catch (error) {
    throw describeRefusal(error, `test database \`${name}\` could not be dropped`, {
      hint: `only its owner and superusers may; role \`${session.server.role}\` is neither`,
    });
  }
}

function dropStatement(name: string): string {
  return `DROP DATABASE IF EXISTS ${ident(name)} WITH (FORCE)`;
}

function choose(marked: readonly MarkedDatabase[], { names, run, by }: DropChoice) {
  const stranger = names.find((name) => !marked.some((one) => one.name === name));
  if (stranger !== undefined) {
    throw new PgwrightError("testdb-refused", `\`${stranger}\` is no test database of pgwright`, {
      hint: "`pgwright testdb list` shows them; nothing was dropped",
    });
  }
  return marked.filter(
    (one) =>
      names.includes(one.name) ||
      (one.kind === "database" && ((run !== undefined && one.run === run) || one.by === by)),
  );
}
