import type { Session } from "../db/session.ts";
import { PgwrightError } from "../errors.ts";
import { refuseWhenProtected } from "./protection.ts";

/** The configured database, and how to get to it and to its server. */
export interface DatabaseTarget {
  readonly database: string;
  /** Opens it, or another database of the same server, not through a pooler. */
  open(need: {
    readonly writes: boolean;
    readonly direct: true;
    readonly database?: string;
  }): Promise<Session>;
  /** The environment of pgwright.yaml that says `protected: true`. */
  readonly protectedBy: string | undefined;
}

/** Where a target comes from: the configuration, not yet connected to. */
export interface TargetSource {
  place(): Promise<{
    readonly options: { readonly database: string };
    readonly environmentName: string | undefined;
    readonly isProtected: boolean;
  }>;
  connect: DatabaseTarget["open"];
}

export async function findTarget(source: TargetSource): Promise<DatabaseTarget> {
  const { options, environmentName, isProtected } = await source.place();
  return {
    database: options.database,
    open: (need) => source.connect(need),
    protectedBy: isProtected ? environmentName : undefined,
  };
}

/** A database that every server has, to stand in while another one is made or dropped. */
export async function openMaintenance(target: DatabaseTarget): Promise<Session> {
  try {
    return await target.open({ writes: true, direct: true, database: "postgres" });
  } catch (error) {
    // A server may do without `postgres`, but none without `template1`.
    if (!isMissingDatabase(error)) throw error;
    return target.open({ writes: true, direct: true, database: "template1" });
  }
}

export function isMissingDatabase(error: unknown): boolean {
  return error instanceof PgwrightError && error.code === "database-missing";
}

/**
 * Refuses what must never be dropped: the databases a server itself needs, one whose environment
 * is protected in pgwright.yaml, one that carries the mark. False when there is no such database.
 *
 * @throws PgwrightError `usage`, `database-protected`.
 */
export async function mayBeDestroyed(target: DatabaseTarget, verb: string): Promise<boolean> {
  refuseByName(target, verb);
  try {
    await using session = await target.open({ writes: false, direct: true });
    await refuseWhenProtected(session, `${verb} it`);
    return true;
  } catch (error) {
    if (isMissingDatabase(error)) return false;
    throw error;
  }
}

/** The part of `mayBeDestroyed` that needs no connection. */
export function refuseByName({ database, protectedBy }: DatabaseTarget, verb: string): void {
  if (["postgres", "template0", "template1"].includes(database)) {
    throw new PgwrightError(
      "usage",
      `\`${database}\` belongs to the server: it is not there to ${verb}`,
      {
        hint: "name the database of your project, in the URL or with PGDATABASE",
      },
    );
  }
  if (protectedBy === undefined) return;
  throw new PgwrightError(
    "database-protected",
    `refusing to ${verb} it: database \`${database}\` is protected`,
    {
      notes: [`environment \`${protectedBy}\` of pgwright.yaml says \`protected: true\``],
      hint: "if it must be, take that line out first",
    },
  );
}
