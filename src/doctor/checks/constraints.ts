import type { Check } from "../check.ts";
import listNotValid from "./constraints.sql";

interface ConstraintRow {
  readonly name: string;
  readonly isForeignKey: boolean;
  readonly isOnDomain: boolean;
  readonly object: string;
  /** Its table has FORCE ROW LEVEL SECURITY. */
  readonly isForced: boolean;
  /** Its table's owner, if row security can hide rows from it. */
  readonly owner: string | null;
}

export const constraints: Check = {
  title: "NOT VALID constraints",
  async look(session) {
    const rows = await session.query<ConstraintRow>(listNotValid);
    return rows.map((row) => {
      const kind = row.isOnDomain ? "DOMAIN" : "TABLE";
      // The check of a foreign key is a query of the role that validates: rows hidden from it pass.
      const hides = row.isForeignKey && row.isForced && row.owner !== null;
      return {
        rule: "doctor/constraint-not-valid",
        severity: "warning",
        message: `constraint ${row.name} of ${row.object} was never validated: rows from before it may break it, and the planner does not rely on it`,
        object: `${row.object}.${row.name}`,
        hint: `\`ALTER ${kind} ${row.object} VALIDATE CONSTRAINT ${row.name};\` reads every row and lets others write meanwhile${hides ? `; not as ${row.owner}, from whom row security hides rows that break it: first \`SET row_security = off;\`` : ""}`,
      };
    });
  },
};
