/** What a statement outside a transaction leaves in the catalog when it fails half-way. */
import { literal, qualified } from "../db/identifier.ts";
import type { Statement } from "../db/script.ts";
import type { Session } from "../db/session.ts";
import { allOf, as } from "../db/tree.ts";
import findDetach from "./detach-state.sql";
import findIndex from "./index-state.sql";
import findLeftovers from "./reindex-leftovers.sql";
import { droppedNames, relationSql } from "./table-names.ts";

/** In words, or undefined when it left nothing. Looks even after an interrupt. */
export async function describeLeftBehind(
  { node }: Statement,
  session: Session,
): Promise<string | undefined> {
  if (session.isDead) return undefined;
  const index = as(node, "IndexStmt");
  if (index?.relation && index.idxname) {
    const rows = await session.settle<{
      kind: string;
      index: { schema: string; name: string; isValid: boolean } | null;
    }>(withLiterals(findIndex, relationSql(index.relation), index.idxname));
    const left = rows[0]?.index;
    if (!left || left.isValid) return undefined;
    if (rows[0]?.kind === "p") {
      return `the index ${qualified(left.schema, left.name)} is built on a part of the partitions; the next run goes on with the others`;
    }
    return `the invalid index ${qualified(left.schema, left.name)} stays, and every write maintains it, until the next run drops it and builds it anew`;
  }
  const drop = as(node, "DropStmt");
  if (drop) {
    const names = droppedNames(drop);
    const rows = await session.settle<{ name: string }>(
      `select i.indexrelid::regclass::text as name from pg_index i
       where not i.indisvalid and i.indexrelid in (${names.map((name) => `to_regclass(${literal(name)})`).join()})`,
    );
    if (rows.length === 0) return undefined;
    return `half dropped, and invalid now: ${rows.map(({ name }) => name).join(", ")}`;
  }
  if (as(node, "ReindexStmt")) {
    const rows = await session.settle<{ schema: string; name: string }>(findLeftovers);
    if (rows.length === 0) return undefined;
    const names = rows.map(({ schema, name }) => qualified(schema, name));
    return `invalid copies stay until the next run drops them: ${names.join(", ")}`;
  }
  const alter = as(node, "AlterTableStmt");
  const [command] = allOf(alter?.cmds, "AlterTableCmd");
  const partition = as(command?.def, "PartitionCmd")?.name;
  if (alter?.relation && partition && command?.subtype === "AT_DetachPartition") {
    const names = [relationSql(alter.relation), relationSql(partition)] as const;
    const rows = await session.settle<{ pending: boolean | null }>(
      withLiterals(findDetach, ...names),
    );
    return rows[0]?.pending
      ? `the detaching of ${names[1]} is begun; the next run finishes it`
      : undefined;
  }
  return undefined;
}

/** Literals in place of parameters: what runs after an interrupt goes as a simple query. */
function withLiterals(sql: string, first: string, second: string): string {
  return sql.replaceAll("$1", () => literal(first)).replaceAll("$2", () => literal(second));
}
