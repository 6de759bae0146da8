/** What a plan was made from: files, ledger, catalog and policies, as they are at this moment. */
import { createHash } from "node:crypto";
import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { ident } from "../../db/identifier.ts";
import type { Session } from "../../db/session.ts";
import { dumpObjects } from "../../schema/dump.ts";
import type { Ledger } from "../ledger.ts";
import type { LedgerPlace } from "../ledger-place.ts";
import readIdentity from "./database-identity.sql";
import type { Plan } from "./schema.ts";
import readSettings from "./session-settings.sql";

export type PlanState = Pick<Plan, "database" | "session" | "applied" | "policies" | "schema">;

/** Where a plan's facts stand. */
export interface StatePlaces {
  readonly ledger: LedgerPlace;
  readonly policiesDirectory: string;
  /** Under which statements run; the role of the session when undefined. */
  readonly role: string | undefined;
}

/**
 * Reads what a plan depends on besides its files. The ledger's own tables and the schema `pgwright`
 * are left out of the catalog: the first run makes them.
 *
 * @throws PgwrightError `dump-unsupported` where the schema has what no dump can hold.
 */
export async function readState(
  session: Session,
  ledger: Ledger,
  { ledger: place, policiesDirectory, role = session.server.role }: StatePlaces,
): Promise<PlanState> {
  const database = await session.one<Plan["database"]>(readIdentity);
  const { settings } = await session.one<Pick<Plan["session"], "settings">>(readSettings);
  const { objects } = await dumpObjects(session, { ledger: { ...place, content: "none" } });
  const schema: Record<string, string> = {};
  for (const { label, statements } of objects) {
    // A view in a circle of dependencies has a placeholder under another label.
    schema[label] = digest(statements.join(";\n")).slice(0, 16);
  }
  return {
    database,
    session: { role, settings },
    applied: ledger.applied.map(({ version, checksum }) => ({ version, checksum })),
    policies: await digestPolicies(policiesDirectory),
    schema,
  };
}

/** Of all files of SQL and YAML below the directory; null where there is none. */
async function digestPolicies(directory: string): Promise<string | null> {
  const files = await readdir(directory, { recursive: true }).catch(
    (error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return [];
      throw error;
    },
  );
  const declaring = files.filter((file) => /\.(?:sql|ya?ml)$/i.test(file)).sort();
  if (declaring.length === 0) return null;
  const hash = createHash("sha256");
  for (const file of declaring) {
    const text = await readFile(join(directory, file), "utf8");
    hash.update(JSON.stringify([file.replaceAll("\\", "/"), text.replaceAll("\r\n", "\n")]));
  }
  return hash.digest("hex");
}

function digest(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

/**
 * Every difference between the plan and now, in words; none where the plan still holds. The schema of
 * the ledger is made by the first run, where there is none.
 */
export function describeChanges(
  plan: PlanState,
  now: PlanState,
  { ledger }: Pick<StatePlaces, "ledger">,
): string[] {
  const changes: string[] = [];
  const [was, is] = [plan.database, now.database];
  if (was.name !== is.name) {
    changes.push(`the plan is for database ${was.name}, and this is ${is.name}`);
  } else if (was.system !== is.system && was.system !== null && is.system !== null) {
    changes.push(`the plan is for database ${was.name} of another server`);
  }
  const [old, fresh] = [plan.session, now.session];
  if (old.role !== fresh.role) {
    changes.push(`it was to run as role ${old.role}, and would run as ${fresh.role}`);
  }
  for (const name of new Set([...Object.keys(old.settings), ...Object.keys(fresh.settings)])) {
    const [before, after] = [old.settings[name], fresh.settings[name]];
    if (before === after) continue;
    const words = [after, before].map((value) =>
      value === undefined ? "PostgreSQL's own" : `\`${value}\``,
    );
    changes.push(`the setting ${name} is ${words.join(" and was ")}`);
  }
  const key = ({ version, checksum }: Plan["applied"][number]) => `${version} ${checksum}`;
  const before = new Set(plan.applied.map(key));
  const after = new Set(now.applied.map(key));
  for (const row of now.applied) {
    if (!before.has(key(row))) changes.push(`${row.version} was applied`);
  }
  for (const row of plan.applied) {
    if (!after.has(key(row))) changes.push(`${row.version} is no longer applied as it was`);
  }
  for (const [label, text] of Object.entries(now.schema)) {
    const old = plan.schema[label];
    if (old === undefined && label === `schema ${ident(ledger.schema)}`) continue;
    if (old !== text) changes.push(`${label} ${old === undefined ? "is new" : "has changed"}`);
  }
  for (const label of Object.keys(plan.schema)) {
    if (now.schema[label] === undefined) changes.push(`${label} is gone`);
  }
  if (plan.policies !== now.policies) changes.push("the files of policies/ have changed");
  return changes;
}
