/** The role that makes the rows, and the roles for which trying a right means something. */
import { ident } from "../../db/identifier.ts";
import type { Session } from "../../db/session.ts";
import { PgwrightError } from "../../errors.ts";
import type { Finding } from "../../findings.ts";
import { readRoles, type Role } from "./catalog.ts";
import type { Fixture } from "./fixture.ts";

/** SET LOCAL ROLE to the owner of the tables; undefined stays the connected role. */
export async function becomeOwner(session: Session, ownerRole: string | undefined): Promise<void> {
  if (ownerRole === undefined) return;
  const [role] = await readRoles(session, [ownerRole]);
  if (role?.canBeSet) {
    await session.query(`SET LOCAL ROLE ${role.sqlName}`);
    return;
  }
  throw new PgwrightError(
    "role-unusable",
    role === undefined
      ? `there is no role \`${ownerRole}\` to make the rows as (\`migrations.role\`)`
      : `role \`${session.server.role}\` may not SET ROLE to \`${ownerRole}\`, the owner of the tables`,
    { hint: role === undefined ? "`pgwright migrate` creates it" : grantOf(role, session) },
  );
}

/** The single right that is missing. Since 16 membership and SET ROLE are separate. */
function grantOf({ sqlName }: Role, { server }: Session): string {
  const more = server.versionNumber >= 160000 ? " WITH INHERIT FALSE, SET TRUE" : "";
  return `GRANT ${sqlName} TO ${ident(server.role)}${more};`;
}

/** Roles for which the answer means something, with a finding for every other. */
export function chooseRoles(
  found: readonly Role[],
  { roles: named, file }: Fixture,
  session: Session,
  ownerRole: string | undefined,
): { roles: Role[]; findings: Finding[] } {
  const findings: Finding[] = [];
  const complain = (object: string, message: string, hint: string, isError = true) => {
    findings.push({
      rule: "policies/test-role",
      severity: isError ? "error" : "info",
      message,
      hint,
      object,
    });
  };
  for (const name of named ?? []) {
    if (found.some((role) => role.name === name)) continue;
    complain(
      name,
      `there is no role ${name}, which ${file} names`,
      "correct `-- roles:`, or `pgwright policies apply`",
    );
  }
  const roles = found.filter((role) => {
    // It may hold rights on what is not its own, as on a ledger that somebody else made.
    if (named === undefined && role.name === ownerRole) return false;
    const why = role.isSuperuser
      ? "is a superuser"
      : role.bypassesRls
        ? "has BYPASSRLS"
        : undefined;
    if (why !== undefined) {
      complain(
        role.name,
        `role ${role.sqlName} ${why}: policies do not hold for it, so there is nothing to try`,
        named ? "leave it out of `-- roles:`" : "nothing to do where that is meant",
        named !== undefined,
      );
      return false;
    }
    const [table, ...others] = role.ownsUnforced;
    if (table !== undefined) {
      complain(
        role.name,
        `role ${role.sqlName} owns ${table}${others.length > 0 ? ` and ${others.length} more` : ""}, whose policies do not hold for it`,
        `${role.ownsUnforced.map((name) => `ALTER TABLE ${name} FORCE ROW LEVEL SECURITY;`).join(" ")} or another owner`,
      );
      return false;
    }
    if (!role.canBeSet) {
      complain(
        role.name,
        `role ${session.server.role} may not SET ROLE to ${role.sqlName}, so it was not tried`,
        grantOf(role, session),
      );
      return false;
    }
    return true;
  });
  if (found.length === 0 && named === undefined) {
    complain(
      "policies",
      "no role but owners and superusers holds a right on a table or view",
      "`pgwright policies apply` grants what policies/ declares",
    );
  }
  return { roles, findings };
}
