import type { Finding } from "../../findings.ts";
import type { Check } from "../check.ts";
import type { Engine } from "../engine.ts";

export const engine: Check = {
  title: "engine",
  look: (_session, { facts }) => judgeEngine(facts.engine),
};

/** What an engine other than PostgreSQL means for the work of pgwright. */
export function judgeEngine({ name, kind }: Engine): Finding[] {
  switch (kind) {
    case "foreign":
      return [
        {
          rule: "doctor/engine",
          severity: "error",
          message: `this is ${name}, not PostgreSQL: its catalogs and locks differ, and nothing of them was looked at`,
          hint: "use pgwright with PostgreSQL 15 to 18",
        },
      ];
    case "spread":
      return [
        {
          rule: "doctor/engine",
          severity: "warning",
          message: `this is ${name}: tables may lie on other nodes, whose state does not show here`,
          hint:
            name === "Citus"
              ? "connect to the coordinator; a concurrent index build can fail on one node and leave the others built, and row security, triggers and foreign keys have limits on distributed tables"
              : "test each migration there first: concurrent index builds, advisory locks and vacuum differ",
        },
      ];
    case "own-storage":
      return [
        {
          rule: "doctor/engine",
          severity: "info",
          message: `this is ${name}: it writes to a storage of its own, so fsync and full_page_writes were not judged`,
        },
      ];
    case "postgres":
    case "service":
      return [];
  }
}
