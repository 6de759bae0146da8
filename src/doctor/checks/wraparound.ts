import { ident } from "../../db/identifier.ts";
import type { Finding } from "../../findings.ts";
import { formatCount, formatShare } from "../../db/amount.ts";
import type { Check } from "../check.ts";
import type { Limits } from "../limits.ts";
import readAges from "./wraparound.sql";

export interface DatabaseAge {
  readonly database: string;
  readonly xidAge: number;
  readonly multixactAge: number;
  readonly isThis: boolean;
  /** The oldest of this database; their ages are what its age is made of. */
  readonly tables: readonly { readonly name: string | null }[] | null;
}

export const wraparound: Check = {
  title: "transaction ids",
  async look(session, { limits }) {
    const rows = await session.query<DatabaseAge>(readAges);
    return rows.flatMap((row) => judgeAge(row, limits));
  },
};

// Ids are compared modulo 2^32, so half of that is the horizon; the server refuses new ones 3 million
// before it (varsup.c).
const lastAge = 2 ** 31 - 3_000_000;

export function judgeAge(
  row: DatabaseAge,
  limits: Pick<Limits, "xidAge" | "xidAgeCritical">,
): Finding[] {
  const kinds = [
    { noun: "transaction ids", age: row.xidAge, rule: "doctor/wraparound" },
    { noun: "multixact ids", age: row.multixactAge, rule: "doctor/wraparound-multixact" },
  ];
  const name = ident(row.database);
  return kinds.flatMap(({ noun, age, rule }) => {
    if (age < limits.xidAge) return [];
    const left = Math.max(0, lastAge - age);
    const tables = [...new Set((row.tables ?? []).flatMap((table) => table.name ?? []))];
    return [
      {
        rule,
        severity: age >= limits.xidAgeCritical ? "error" : "warning",
        message: `database ${name} has used ${formatShare(age / lastAge)} of its ${noun}: after ${formatCount(left)} more the server refuses all writes`,
        object: name,
        hint: row.isThis
          ? `end what holds vacuum back (long and prepared transactions, slots), then ${tables.map((table) => `\`VACUUM (FREEZE, VERBOSE) ${table};\``).join(" ")}`
          : `connect to ${name} and run doctor there; without it: \`vacuumdb --freeze --dbname=${name}\``,
      },
    ];
  });
}
