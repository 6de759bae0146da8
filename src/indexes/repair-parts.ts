/** What a partitioned index that is not valid lacks, and the statements that complete it. */
import { ident, qualified } from "../db/identifier.ts";
import type { Session } from "../db/session.ts";
import { leafIndexName } from "../migrate/index-build.ts";
import splitDefinition from "../migrate/index-definition.sql";
import findPartitions from "../migrate/index-partitions.sql";
import { PgwrightError } from "../errors.ts";
import type { Finding } from "../findings.ts";
import type { InvalidIndex } from "./invalid.ts";
import findName from "./relation-names.sql";
import type { RepairPlan, RepairStep } from "./repair-step.ts";

/** What all statements for one index share. */
interface Work {
  readonly session: Session;
  readonly row: InvalidIndex;
  readonly role: string | null;
  /** "USING btree (a)", and the tablespace that was asked for. */
  readonly tail: string;
  readonly tablespace: string | null;
  /** Indexes that other steps mend before. */
  readonly planned: ReadonlySet<string>;
  readonly steps: RepairStep[];
}

/**
 * The index becomes valid with the last ATTACH of a valid part; PostgreSQL looks again at all parts
 * then, also when that part was attached before (seen on 15 to 18), and at the indexes above.
 */
export async function planParts(
  session: Session,
  row: InvalidIndex,
  role: string | null,
  planned: ReadonlySet<string>,
): Promise<RepairPlan> {
  const leaves = row.leaves ?? [];
  const obstacle = findObstacle(row);
  if (obstacle) return { steps: [], findings: [obstacle] };
  const { tail, tablespace } = await session.one<{
    tail: string | null;
    tablespace: string | null;
  }>(splitDefinition, [row.oid]);
  if (tail === null) {
    throw new PgwrightError("internal", `the definition of ${row.index} has an unknown form`);
  }
  const work: Work = { session, row, role, tail, tablespace, planned, steps: [] };
  if (leaves.length === 0) {
    work.steps.push({
      ...stepOf(work, row.index, row.table),
      oid: row.oid,
      sql: [`DROP INDEX ${row.index}`, create(work, row.name, row.table, "")],
      tablespace,
      why: "it was made for the parent only, which has no partition yet: a new one is valid at once",
    });
    return { steps: work.steps, findings: [] };
  }
  let isAttached = false;
  for (const leaf of leaves) {
    if (leaf.index !== null) continue;
    const partition = {
      schema: leaf.schemaName,
      table: leaf.tableName,
      isPartitioned: leaf.isPartitioned,
    };
    const part = await planPart(work, partition);
    work.steps.push(attach(work, row.index, part, leaf.table));
    isAttached = true;
  }
  const [first] = leaves;
  if (!isAttached && first?.index) {
    work.steps.push(attach(work, row.index, first.index, first.table));
  }
  return { steps: work.steps, findings: [] };
}

function findObstacle(row: InvalidIndex): Finding | undefined {
  const leaves = row.leaves ?? [];
  const foreign = leaves.filter(({ isForeign }) => isForeign).map(({ table }) => table);
  const lacking = leaves.filter(({ index }) => index === null);
  const why =
    foreign.length > 0
      ? `${foreign.join(", ")} cannot have an index (foreign), so it never becomes valid; PostgreSQL passes over foreign tables when the index is created without ONLY or CONCURRENTLY`
      : row.constraint !== null && leaves.length === 0
        ? "it belongs to a constraint that was made for the parent only, which has no partition"
        : row.constraint !== null &&
            (row.constraint.isDeferrable || lacking.some(({ isPartitioned }) => isPartitioned))
          ? "it belongs to a constraint that a migration has to add to its partitions"
          : undefined;
  if (why === undefined) return undefined;
  return {
    rule: "indexes/not-repaired",
    severity: "error",
    object: row.index,
    message: `index ${row.index} on the partitioned table ${row.table} is not repaired: ${why}`,
    hint:
      row.constraint === null
        ? `\`DROP INDEX ${row.index};\` and create it anew, in a migration`
        : "drop the constraint and add it anew, in a migration",
  };
}

/** Builds the index of one partition, with those below it; its name. */
async function planPart(
  work: Work,
  partition: { schema: string; table: string; isPartitioned: boolean },
): Promise<string> {
  const { session, row, steps } = work;
  const { schema } = partition;
  const table = qualified(schema, partition.table);
  const found = await chooseName(session, partition, row.name);
  const index = qualified(schema, found.name);
  const step = stepOf(work, index, table);
  const { tablespace } = work;
  const why = `the partition has no part of ${row.index}`;
  if (!partition.isPartitioned) {
    if (!found.exists) {
      const sql = create(work, found.name, table, "CONCURRENTLY ");
      steps.push({ ...step, sql: [sql], why, kind: "concurrent", tablespace });
    } else if (!found.isValid && !work.planned.has(index)) {
      const sql = `REINDEX INDEX CONCURRENTLY ${index}`;
      steps.push({
        ...step,
        sql: [sql],
        why: "a concurrent build of it failed",
        kind: "concurrent",
      });
    }
    if (row.constraint !== null && !found.hasConstraint) {
      const kind = row.constraint.type === "p" ? "PRIMARY KEY" : "UNIQUE";
      steps.push({
        ...step,
        sql: [
          `ALTER TABLE ${table} ADD CONSTRAINT ${ident(found.name)} ${kind} USING INDEX ${ident(found.name)}`,
        ],
        needs: index,
        why: "the index it becomes a part of belongs to a constraint",
      });
    }
    return index;
  }
  if (!found.exists) {
    steps.push({ ...step, sql: [create(work, found.name, `ONLY ${table}`, "")], why, tablespace });
  }
  const below = await session.query<{ schema: string; table: string; isPartitioned: boolean }>(
    findPartitions,
    [table, row.oid],
  );
  for (const partOfPart of below) {
    const part = await planPart(work, partOfPart);
    steps.push(attach(work, index, part, qualified(partOfPart.schema, partOfPart.table)));
  }
  return index;
}

/** As migrations name such a part. One that an interrupted run built is there already. */
async function chooseName(
  session: Session,
  { schema, table }: { schema: string; table: string },
  parent: string,
): Promise<{ name: string; exists: boolean; isValid: boolean; hasConstraint: boolean }> {
  for (let n = 0; ; n += 1) {
    const name = leafIndexName(table, n === 0 ? parent : `${parent}_${n}`);
    const [taken] = await session.query<{
      isOfTable: boolean;
      isValid: boolean;
      hasConstraint: boolean;
    }>(findName, [schema, table, name]);
    if (!taken) return { name, exists: false, isValid: false, hasConstraint: false };
    if (taken.isOfTable) return { name, exists: true, ...taken };
  }
}

function stepOf({ role }: Work, index: string, table: string) {
  return {
    index,
    table,
    oid: null,
    kind: "brief" as const,
    role,
    tablespace: null,
    isCleaning: false,
    needs: null,
  };
}

function create({ row, tail }: Work, name: string, on: string, how: string): string {
  return `CREATE ${row.isUnique ? "UNIQUE " : ""}INDEX ${how}${ident(name)} ON ${on} ${tail}`;
}

function attach(work: Work, parent: string, part: string, table: string): RepairStep {
  return {
    ...stepOf(work, parent, table),
    sql: [`ALTER INDEX ${parent} ATTACH PARTITION ${part}`],
    needs: part,
    why: `PostgreSQL calls ${parent} valid when every partition's part is attached and valid`,
  };
}
