import { ident } from "../../db/identifier.ts";
import type { Finding } from "../../findings.ts";
import { countOf, formatNames } from "../../db/amount.ts";
import type { Check, CheckContext } from "../check.ts";
import listChanged from "./collations.sql";

/** With more indexes than this, the whole database is named for rebuilding. */
const mostNamed = 20;

interface ChangedRow {
  readonly kind: "database" | "collation";
  readonly database: string;
  readonly name: string;
  readonly recorded: string;
  readonly actual: string;
  /** Indexes sorted by it; null for another database, which cannot be looked into from here. */
  readonly indexes: readonly string[] | null;
}

export const collations: Check = {
  title: "collation versions",
  async look(session, context) {
    const rows = await session.query<ChangedRow>(listChanged);
    return rows.map((row) => judgeChanged(row, context));
  },
};

function judgeChanged(row: ChangedRow, { server }: CheckContext): Finding {
  const { kind, name, recorded, actual, indexes } = row;
  const thing =
    kind === "database" ? `the default collation of database ${name}` : `collation ${name}`;
  const refresh =
    kind === "database"
      ? `\`ALTER DATABASE ${name} REFRESH COLLATION VERSION;\``
      : `\`ALTER COLLATION ${name} REFRESH VERSION;\``;
  const isElsewhere = row.database !== server.database;
  const isHarmless = indexes?.length === 0;
  const affected =
    indexes === null
      ? "its indexes on text"
      : indexes.length === 0
        ? "no index"
        : `${countOf(indexes.length, "index")} (${formatNames(indexes)})`;
  const rebuild =
    indexes === null || isHarmless
      ? ""
      : indexes.length > mostNamed
        ? `\`REINDEX DATABASE CONCURRENTLY ${ident(row.database)};\` then `
        : `${indexes.map((index) => `\`REINDEX INDEX CONCURRENTLY ${index};\``).join(" ")} then `;
  return {
    rule: "doctor/collation-version",
    severity: isHarmless || isElsewhere ? "warning" : "error",
    message: `${thing} was version ${recorded} when it was used and is ${actual} now: ${affected} may be sorted wrongly, miss rows and let duplicates in`,
    object: name,
    hint: isElsewhere
      ? `connect to ${name} and run doctor there for the indexes, then ${refresh}`
      : `${rebuild}${refresh} (also look at partition bounds and exclusion constraints on text)`,
  };
}
