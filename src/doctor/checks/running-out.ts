import { ident } from "../../db/identifier.ts";
import type { Finding } from "../../findings.ts";
import { countOf, formatCount, formatShare } from "../../db/amount.ts";
import type { Check, CheckContext } from "../check.ts";
import { cannotLook } from "../look.ts";
import countHidden from "./running-out-hidden.sql";
import listRunningOut from "./running-out.sql";

interface UsedRow {
  /** Of the sequence. */
  readonly name: string;
  readonly type: string;
  /** A column whose type ends before or with the sequence; null for the sequence itself. */
  readonly table: string | null;
  readonly column: string | null;
  readonly columnType: string | null;
  /** The column refers to one that the sequence fills. */
  readonly isCopy: boolean;
  /** Whole numbers as text: they may be larger than a double can hold. */
  readonly last: string;
  readonly most: string;
  readonly left: string;
  readonly share: number;
}

export const runningOut: Check = {
  title: "sequences and integer keys",
  async look(session, context) {
    const { limits, server } = context;
    const rows = await session.query<UsedRow>(listRunningOut, [limits.valuesUsed]);
    const { hidden } = await session.one<{ hidden: number }>(countHidden);
    return [
      ...rows.map((row) => judgeUse(row, context)),
      ...(hidden === 0
        ? []
        : [
            cannotLook(
              "sequences and integer keys",
              `${ident(server.role)} may not read ${countOf(hidden, "sequence")}`,
              `let a superuser run \`GRANT pg_read_all_data TO ${ident(server.role)};\`, or their owner grant SELECT`,
            ),
          ]),
    ];
  },
};

function judgeUse(row: UsedRow, { limits }: CheckContext): Finding {
  const { name, table, column } = row;
  const severity = row.share >= limits.valuesUsedCritical ? "error" : "warning";
  const used = `${formatShare(row.share)} used, ${formatCount(row.left)} left before inserts fail`;
  if (table === null || column === null) {
    return {
      rule: "doctor/sequence-running-out",
      severity,
      message: `sequence ${name} stands at ${formatCount(row.last)} of ${formatCount(row.most)}: ${used}`,
      object: name,
      hint:
        row.type === "bigint"
          ? `\`ALTER SEQUENCE ${name} NO MAXVALUE NO MINVALUE;\``
          : `\`ALTER SEQUENCE ${name} AS bigint NO MAXVALUE NO MINVALUE;\` (the columns it fills must be bigint too)`,
    };
  }
  const source = row.isCopy ? "refers to values of" : "is filled from";
  const widen =
    row.columnType === "bigint"
      ? "start again with other keys: bigint is the widest integer"
      : `\`ALTER TABLE ${table} ALTER COLUMN ${column} TYPE bigint;\` rewrites the table under an exclusive lock; for a large one add a bigint column, fill it in batches, and swap the two${row.isCopy || row.type === "bigint" ? "" : `; \`ALTER SEQUENCE ${name} AS bigint;\``}`;
  return {
    rule: "doctor/key-running-out",
    severity,
    message: `${table}.${column} (${row.columnType}) ${source} ${name}, which stands at ${formatCount(row.last)} of ${formatCount(row.most)}: ${used}`,
    object: `${table}.${column}`,
    hint: widen,
  };
}
