/** What statements write to, and what that brings about: by foreign keys, and through views. */
import type { Statement, Tree } from "../db/script.ts";
import { parseScript } from "../db/script.ts";
import type { Session } from "../db/session.ts";
import { allOf, as, findNodes } from "../db/tree.ts";
import findOnward from "./onward-writes.sql";
import type { Names } from "./table-names.ts";
import { columnNow, noRenames, partsOf, resolveTable, sqlOf } from "./table-names.ts";

type Node = Statement["node"];

export interface Write {
  /** The table or view as SQL, as it is called today. */
  readonly object: string;
  /** Its name without a schema, as the statement has it. */
  readonly name: string;
  /** `pg_rewrite.ev_type`. */
  readonly type: "2" | "3" | "4";
  /** Those that an UPDATE changes; null is all. */
  readonly columns: readonly string[] | null;
}

type Writing = Tree.UpdateStmt | Tree.InsertStmt | Tree.DeleteStmt;

const kinds: readonly { readonly type: Write["type"]; find(node: Node): readonly Writing[] }[] = [
  { type: "2", find: (node) => findNodes(node, "UpdateStmt") },
  { type: "3", find: (node) => findNodes(node, "InsertStmt") },
  { type: "4", find: (node) => findNodes(node, "DeleteStmt") },
];

/** Every write of these statements, with those that follow from it. */
export async function findWrites(
  session: Session,
  nodes: readonly Node[],
  names: Names,
): Promise<Write[]> {
  const found = new Map<string, Write>();
  let level = await writesOf(session, nodes, names);
  while (level.length > 0) {
    const fresh = level.filter((write) => !found.has(keyOf(write)));
    for (const write of fresh) found.set(keyOf(write), write);
    const onward = [];
    for (const write of new Set(fresh)) onward.push(...(await followOnward(session, write)));
    level = onward;
  }
  return [...found.values()];
}

function keyOf({ object, type, columns }: Write): string {
  return JSON.stringify([object, type, columns]);
}

async function writesOf(session: Session, nodes: readonly Node[], names: Names): Promise<Write[]> {
  const writes: Write[] = [];
  for (const { type, find } of kinds) {
    for (const statement of nodes.flatMap((node) => find(node))) {
      const { relation } = statement;
      const table = await resolveTable(session, partsOf(relation), names);
      if (!table) continue;
      const columns =
        type === "2" && "targetList" in statement
          ? allOf(statement.targetList, "ResTarget").map(({ name = "" }) =>
              columnNow(table, name, names),
            )
          : null;
      writes.push({ object: sqlOf(table), name: relation?.relname ?? "", type, columns });
    }
  }
  return writes;
}

interface Onward {
  readonly object: string | null;
  readonly name: string | null;
  readonly type: Write["type"];
  readonly columns: readonly string[] | null;
  /** Of the view that passes it on. */
  readonly definition: string | null;
}

async function followOnward(session: Session, { object, type, columns }: Write): Promise<Write[]> {
  const rows = await session.query<Onward>(findOnward, [
    object,
    type,
    columns === null ? null : JSON.stringify(columns),
  ]);
  const writes: Write[] = [];
  for (const row of rows) {
    if (row.definition === null) {
      writes.push({ ...row, object: row.object ?? "", name: row.name ?? "" });
      continue;
    }
    // A view that can be written to has one table or view in its FROM; its columns may be called otherwise.
    const select = as(parseScript(row.definition)[0]?.node, "SelectStmt");
    const [relation, ...others] = allOf(select?.fromClause, "RangeVar");
    if (!relation || others.length > 0) continue;
    const base = await resolveTable(session, partsOf(relation), noRenames());
    if (base) writes.push({ object: sqlOf(base), name: base.table, type, columns: null });
  }
  return writes;
}
