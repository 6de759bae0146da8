/** The NOLOGIN role that owns what migrations create. */
import { setTimeout as sleep } from "node:timers/promises";
import { PgwrightError } from "../errors.ts";
import type { EventListener } from "../events.ts";
import { ident } from "./identifier.ts";
import describeRole from "./role.sql";
import type { Session } from "./session.ts";
import { hasSqlState, isPostgresError } from "./session.ts";

interface RoleState {
  readonly exists: boolean;
  readonly bypassesRls: boolean;
  readonly canCreateSchemas: boolean;
  /** The connected role may SET ROLE to it. */
  readonly canBeSet: boolean;
  readonly isSuperuser: boolean;
  readonly database: string;
}

/**
 * Makes sure that `role` exists, may create schemas in this database, and can be assumed by the
 * connected role. Roles belong to the whole cluster, so other databases may be doing the same at
 * this moment: a lost race is looked at again.
 *
 * BYPASSRLS lets SECURITY DEFINER functions and REFRESH MATERIALIZED VIEW of its objects see every
 * row; where the connected role may not grant it, the role is created without and a notice says so.
 *
 * @throws PgwrightError `role-unusable` with the statements a superuser must run.
 */
export async function ensureRole(
  session: Session,
  role: string,
  events: EventListener,
): Promise<void> {
  let before = "";
  for (let attempt = 1; ; attempt += 1) {
    const state = await readRole(session, role);
    const missing = missingSteps(state, role, session.server);
    if (missing.length === 0) return;
    // GRANT without the right to it is only a warning where PUBLIC has some right on the object.
    if (missing.join() === before) throw unusable(session, role, missing, undefined);
    try {
      for (const step of missing) await session.query(step);
      if (!state.exists) events({ type: "notice", level: "info", message: `created role ${role}` });
      before = missing.join();
    } catch (error) {
      // 42710/23505: created elsewhere meanwhile. XX000 "tuple concurrently updated": two GRANTs at once.
      const isRace =
        hasSqlState(error, "42710", "23505") ||
        (isPostgresError(error) && error.message.includes("tuple concurrently updated"));
      if (isRace && attempt < 20) {
        await sleep(20 + Math.random() * 80);
        continue;
      }
      if (!hasSqlState(error, "42501")) throw error;
      if (!state.exists && (await createWithoutBypass(session, role, events))) continue;
      throw unusable(session, role, missing, error);
    }
  }
}

/** The statements `ensureRole` would run, for a dry run. */
export async function planRole(session: Session, role: string): Promise<string[]> {
  return missingSteps(await readRole(session, role), role, session.server);
}

function unusable(
  session: Session,
  role: string,
  missing: readonly string[],
  cause: unknown,
): PgwrightError {
  const why = cause instanceof Error ? `: ${cause.message}` : "";
  return new PgwrightError(
    "role-unusable",
    `role \`${session.server.role}\` may not prepare the migrations role \`${role}\`${why}`,
    {
      cause,
      sqlstate: isPostgresError(cause) ? cause.code : undefined,
      hint: `have a superuser run:\n${missing.map((step) => `${step};`).join("\n")}`,
    },
  );
}

async function readRole(session: Session, role: string): Promise<RoleState> {
  return session.one<RoleState>(describeRole, [role]);
}

function missingSteps(
  state: RoleState,
  role: string,
  server: { versionNumber: number; role: string },
): string[] {
  const steps: string[] = [];
  if (!state.exists) steps.push(`create role ${ident(role)} nologin bypassrls`);
  if (!state.canBeSet && !state.isSuperuser) {
    // Since 16 whoever creates a role gets its ADMIN OPTION, but must grant himself SET.
    const options = server.versionNumber >= 160000 ? " with inherit true, set true" : "";
    steps.push(`grant ${ident(role)} to ${ident(server.role)}${options}`);
  }
  if (!state.canCreateSchemas) {
    steps.push(`grant create on database ${ident(state.database)} to ${ident(role)}`);
  }
  return steps;
}

/** BYPASSRLS may be given only by a superuser or a role that has it (with CREATEROLE, 16+). */
async function createWithoutBypass(
  session: Session,
  role: string,
  events: EventListener,
): Promise<boolean> {
  try {
    await session.query(`create role ${ident(role)} nologin`);
  } catch (error) {
    if (hasSqlState(error, "42501")) return false;
    if (!hasSqlState(error, "42710", "23505")) throw error;
  }
  events({
    type: "notice",
    level: "warning",
    message: `role ${role} was created without BYPASSRLS, which \`${session.server.role}\` may not grant: under FORCE ROW LEVEL SECURITY its functions and refreshes see no rows. A superuser can run: alter role ${ident(role)} bypassrls`,
  });
  return true;
}
