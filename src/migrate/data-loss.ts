/** What a rollback would lose: rows of tables it drops, values of columns it drops. */
import { ident, qualified } from "../db/identifier.ts";
import type { Statement, Tree } from "../db/script.ts";
import type { Session } from "../db/session.ts";
import { hasSqlState } from "../db/session.ts";
import { allOf, as, stringsOf } from "../db/tree.ts";
import findSchemaTables from "./schema-tables.sql";
import findTypeColumns from "./type-columns.sql";

/** One table or column whose content would be gone. */
export interface Loss {
  /** "user_service.users" or "user_service.users.middle_name". */
  readonly object: string;
  /** Rows with a value; undefined when counting took too long. */
  readonly rows: number | undefined;
  /** True when there are more rows than were counted. */
  readonly isMore: boolean;
}

type Suspect =
  | { readonly kind: "table"; readonly name: string }
  | { readonly kind: "column"; readonly table: string; readonly column: string };

/** Rows beyond this number are not counted: the answer is "many". */
const countLimit = 100_000;
/** A column of a large table is searched for values no longer than this. */
const countMs = 3_000;

/**
 * Finds what the statements would lose, by looking at the data. Tables that do not exist (because
 * an earlier statement of the same rollback creates them) lose nothing. What DO blocks and
 * functions delete cannot be seen.
 *
 * Runs in its own read-only transaction, as the migrations role, with row_security off: under
 * FORCE ROW LEVEL SECURITY an owner would otherwise count zero rows.
 */
export async function findLosses(
  session: Session,
  statements: readonly Statement[],
  role: string | undefined,
): Promise<Loss[]> {
  await session.script(
    [
      "begin read only",
      ...(role === undefined ? [] : [`set local role ${ident(role)}`]),
      "set local row_security = off",
      `set local statement_timeout = ${countMs}`,
      "set local lock_timeout = 1000",
    ].join(";\n"),
  );
  try {
    const suspects: Suspect[] = [];
    for (const statement of statements) {
      suspects.push(...(await suspectsOf(session, statement)));
    }
    const losses: Loss[] = [];
    const seen = new Set<string>();
    for (const suspect of suspects) {
      const key = JSON.stringify(suspect);
      if (seen.has(key)) continue;
      seen.add(key);
      const loss = await countLoss(session, suspect);
      if (loss) losses.push(loss);
    }
    return losses;
  } finally {
    if (!session.isDead) await session.settle("rollback");
  }
}

async function suspectsOf(session: Session, { node }: Statement): Promise<Suspect[]> {
  const drop = as(node, "DropStmt");
  if (drop) return suspectsOfDrop(session, drop);
  const alter = as(node, "AlterTableStmt");
  if (alter && alter.objtype === "OBJECT_TABLE") {
    const table = relationSql(alter.relation);
    return allOf(alter.cmds, "AlterTableCmd")
      .filter((command) => command.subtype === "AT_DropColumn")
      .map((command) => ({ kind: "column", table, column: command.name ?? "" }));
  }
  const truncate = as(node, "TruncateStmt");
  if (truncate) {
    return allOf(truncate.relations, "RangeVar").map((relation) => ({
      kind: "table",
      name: relationSql(relation),
    }));
  }
  const remove = as(node, "DeleteStmt");
  return remove ? [{ kind: "table", name: relationSql(remove.relation) }] : [];
}

async function suspectsOfDrop(session: Session, drop: Tree.DropStmt): Promise<Suspect[]> {
  const isCascade = drop.behavior === "DROP_CASCADE";
  if (drop.removeType === "OBJECT_TABLE" || drop.removeType === "OBJECT_FOREIGN_TABLE") {
    return allOf(drop.objects, "List").map((list) => ({
      kind: "table",
      name: stringsOf(list.items).map(ident).join("."),
    }));
  }
  if (drop.removeType === "OBJECT_SCHEMA" && isCascade) {
    const tables: Suspect[] = [];
    for (const schema of stringsOf(drop.objects)) {
      const rows = await session.query<{ schema: string; name: string }>(findSchemaTables, [
        schema,
      ]);
      tables.push(
        ...rows.map((row) => ({ kind: "table" as const, name: qualified(row.schema, row.name) })),
      );
    }
    return tables;
  }
  if ((drop.removeType === "OBJECT_TYPE" || drop.removeType === "OBJECT_DOMAIN") && isCascade) {
    const columns: Suspect[] = [];
    for (const { names } of allOf(drop.objects, "TypeName")) {
      const rows = await session.query<{ schema: string; table: string; column: string }>(
        findTypeColumns,
        [stringsOf(names).map(ident).join(".")],
      );
      columns.push(
        ...rows.map((row) => ({
          kind: "column" as const,
          table: qualified(row.schema, row.table),
          column: row.column,
        })),
      );
    }
    return columns;
  }
  return [];
}

/** Counts up to the limit; a count that does not end in time is a loss of unknown size. */
async function countLoss(session: Session, suspect: Suspect): Promise<Loss | undefined> {
  const table = suspect.kind === "table" ? suspect.name : suspect.table;
  const [found] = await session.query<{ kind: string | null; column: boolean | null }>(
    `select c.relkind::text as kind,
            exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = $2
                    and a.attnum > 0 and not a.attisdropped and a.attgenerated = '') as column
     from pg_class c where c.oid = to_regclass($1)`,
    [table, suspect.kind === "column" ? suspect.column : ""],
  );
  if (!found?.kind || !["r", "p", "f"].includes(found.kind)) return undefined;
  // A generated column holds nothing of its own; one that is missing fails later by itself.
  if (suspect.kind === "column" && !found.column) return undefined;
  const where = suspect.kind === "column" ? ` where ${ident(suspect.column)} is not null` : "";
  const object = suspect.kind === "column" ? `${table}.${ident(suspect.column)}` : table;
  await session.query("savepoint counting");
  try {
    const { rows } = await session.one<{ rows: string }>(
      `select count(*)::text as rows from (select from ${table}${where} limit ${countLimit + 1}) counted`,
    );
    const count = Number(rows);
    await session.query("release savepoint counting");
    return count === 0
      ? undefined
      : { object, rows: Math.min(count, countLimit), isMore: count > countLimit };
  } catch (error) {
    // 57014 statement_timeout, 55P03 someone holds the table, 42501 not ours to read: unknown size.
    if (!hasSqlState(error, "57014", "55P03", "42501")) throw error;
    await session.settle("rollback to savepoint counting");
    return { object, rows: undefined, isMore: false };
  }
}

/** A loss in words: "more than 100,000 rows of app.users". */
export function describeLoss(loss: Loss): string {
  if (loss.rows === undefined) return `${loss.object}: not counted within ${countMs / 1000} s`;
  const count = loss.rows.toLocaleString("en-US");
  return `${loss.object}: ${loss.isMore ? "more than " : ""}${count} ${loss.rows === 1 ? "row" : "rows"}`;
}

function relationSql(relation: Tree.RangeVar | undefined): string {
  const name = relation?.relname ?? "";
  return relation?.schemaname ? qualified(relation.schemaname, name) : ident(name);
}
