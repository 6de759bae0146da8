/** Partitions that the data needs and policies/partitions.yaml declares are made before the rows come. */
import { ident, literal, qualified } from "../db/identifier.ts";
import type { Session } from "../db/session.ts";
import type { EventListener } from "../events.ts";
import type { DeclaredPartitions, DeclaredTable } from "../policies/partitions/declared.ts";
import { dateIn } from "../policies/partitions/periods.ts";
import { planTables } from "../policies/partitions/plan.ts";
import { daysBack } from "./birth.ts";
import type { Table } from "./catalog.ts";

export interface MadePartition {
  /** `schema.name` as SQL. */
  readonly partition: string;
  readonly sql: readonly string[];
}

/**
 * Makes what is missing of the given tables within the open transaction: by time from the day that
 * data goes back to, up to the reference date and the declared horizon beyond it. Retention does not
 * count: data that is too old to be kept still needs a place.
 */
export async function makePartitions(
  session: Session,
  declared: DeclaredPartitions,
  tables: readonly Table[],
  asOf: number,
  events: EventListener,
): Promise<MadePartition[]> {
  const wanted = declared.tables
    .filter((one) => tables.some(({ schema, name }) => schema === one.schema && name === one.table))
    .map((one) => withStart(one, asOf));
  if (wanted.length === 0) return [];
  const { path, role } = await session.one<{ path: string; role: string }>(
    "select current_setting('search_path') as path, current_user::text as role",
  );
  await session.query("set local search_path = pg_catalog");
  const plans = await planTables(
    session,
    { file: declared.file, tables: wanted },
    { now: new Date(asOf * 1000) },
  );
  // The names in a table's expressions are looked up as `policies apply` does.
  await session.query("set local search_path = public");
  const made: MadePartition[] = [];
  for (const { declared: table, table: parent, creates, steps, defaultRows } of plans) {
    for (const name of creates) {
      const partition = qualified(table.schema, name);
      const own = steps.filter(({ object }) => object === partition);
      for (const step of own) {
        if (step.role !== null && step.role !== role) {
          await session.query(`set local role ${ident(step.role)}`);
        }
        await session.query(step.sql);
        if (step.role !== null && step.role !== role) {
          await session.query(`set local role ${ident(role)}`);
        }
      }
      made.push({ partition, sql: own.map(({ sql }) => sql) });
    }
    if (defaultRows.blocking.size > 0) {
      events({
        type: "notice",
        level: "warning",
        message: `rows in the default partition of ${parent} keep ${[...defaultRows.blocking].map(({ name }) => name).join(", ")} from being made; new rows join them until \`pgwright partitions maintain\` moves them`,
      });
    }
  }
  await session.query(`select set_config('search_path', ${literal(path)}, true)`);
  return made;
}

function withStart(table: DeclaredTable, asOf: number): DeclaredTable {
  if (table.by !== "range") return table;
  const first = dateIn(table.timeZone, new Date((asOf - daysBack * 86_400) * 1000));
  const start = table.start !== undefined && table.start < first ? table.start : first;
  return { ...table, start, retention: undefined };
}
