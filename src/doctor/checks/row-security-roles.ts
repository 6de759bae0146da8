import type { Finding } from "../../findings.ts";
import { formatNames } from "../../db/amount.ts";
import type { Check } from "../check.ts";
import listSubjectRoles from "./row-security-roles.sql";

interface RoleRow {
  readonly role: string;
  readonly isMigrator: boolean;
  /** It owns at least one of the tables, which FORCE guards from it. */
  readonly isOwner: boolean;
  readonly seesNothing: readonly string[];
  /** Tables with a policy for it that lets some rows through. */
  readonly seesSome: readonly string[];
}

export const rowSecurityRoles: Check = {
  title: "row security of owners",
  async look(session, { migrationsRole }) {
    const rows = await session.query<RoleRow>(listSubjectRoles, [migrationsRole ?? null]);
    return rows.map((row) => judgeRole(row));
  },
};

/**
 * Measured with a FORCEd owner on 15 to 18: UPDATE and SELECT touch no row, REFRESH empties the view,
 * VALIDATE CONSTRAINT accepts orphans, and each reports success.
 */
function judgeRole({ role, isMigrator, isOwner, seesNothing, seesSome }: RoleRow): Finding {
  const hidden = [
    ...(seesNothing.length > 0 ? [`every row of ${formatNames(seesNothing)}`] : []),
    ...(seesSome.length > 0 ? [`what policies do not allow in ${formatNames(seesSome)}`] : []),
  ].join(" and ");
  const example = seesNothing[0] ?? seesSome[0];
  return {
    rule: "doctor/rls-role",
    severity: isMigrator || isOwner ? "warning" : "info",
    message: `row security hides ${hidden} from ${role}${isMigrator ? ", the migrations role" : isOwner ? ", who owns it" : ""}: its counts, backfills, exports, refreshes and validations of foreign keys miss those rows and report success`,
    object: role,
    hint: `let a superuser run \`ALTER ROLE ${role} BYPASSRLS;\`; where that right cannot be had, \`CREATE POLICY all_rows ON ${example} TO ${role} USING (true);\` for each table, and begin such work with \`SET row_security = off;\`, which makes it fail instead`,
  };
}
