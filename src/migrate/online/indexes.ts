/** The safe forms of CREATE INDEX, DROP INDEX and REINDEX. */
import { ident } from "../../db/identifier.ts";
import type { Statement, Tree } from "../../db/script.ts";
import { isSameTree, parseScript, scanTokens } from "../../db/script.ts";
import { withWordsAfter } from "../../db/sql-text.ts";
import { allOf, as, isOptionOn, relationName, stringsOf } from "../../db/tree.ts";
import type { Table } from "../../locks/model.ts";
import { dotted } from "../table-names.ts";
import { Names, indexColumns } from "./names.ts";
import type { Piece, Verdict } from "./rewriting.ts";
import type { Leaf, Surroundings } from "./surroundings.ts";

const asItIs: Verdict = { kept: [] };
const because = (why: string): Verdict => ({ kept: [why] });

/** CREATE INDEX: built beside writers; of a partitioned table leaf by leaf, for the parent to take over. */
export function rewriteCreateIndex(
  { text }: Statement,
  index: Tree.IndexStmt,
  around: Surroundings,
): Verdict {
  const table = around.model.table(relationName(index.relation));
  if (!table || table.isNew || index.concurrent) return asItIs;
  const columns = indexColumns(index);
  if (index.idxname === undefined && columns === undefined) {
    return because("the name that PostgreSQL would give the index is not known: name it");
  }
  const names = new Names(around.model, around.otherNames);
  if (table.kind === "partitioned") {
    // ON ONLY makes an index without content: nothing is built.
    return index.relation?.inh ? onLeaves(text, index, columns, table, names, around) : asItIs;
  }
  const schema = table.name.slice(0, table.name.lastIndexOf(".") + 1);
  const isThere = index.idxname !== undefined && around.model.indexes.has(schema + index.idxname);
  // IF NOT EXISTS of one that exists does nothing, and without it PostgreSQL refuses.
  if (isThere) return asItIs;
  const name = index.idxname ?? names.index(table, columns ?? []);
  return { kept: [], pieces: [{ sql: concurrently(text, index, name), place: "alone" }] };
}

/** The statement with CONCURRENTLY, on the table that it names or on another one. */
function concurrently(text: string, index: Tree.IndexStmt, name: string, on?: string): string {
  const [parsed] = parseScript(text);
  const relation = as(parsed?.node, "IndexStmt")?.relation;
  const tail = Buffer.from(text).subarray(relation?.location ?? 0);
  const head = `CREATE ${index.unique ? "UNIQUE " : ""}INDEX CONCURRENTLY ${ident(name)} ON `;
  if (on === undefined) return `${head}${relation?.inh ? "" : "ONLY "}${tail.toString()}`;
  const tokens = scanTokens(tail.toString());
  let last = 0;
  while (tokens[last + 1]?.text === ".") last += 2;
  if (tokens[last + 1]?.text === "*") last += 1;
  const rest = tail.subarray(tokens[last]?.end ?? 0).toString();
  return `${head}${on} ${rest.trimStart()}`;
}

function onLeaves(
  text: string,
  index: Tree.IndexStmt,
  columns: readonly string[] | undefined,
  table: Table,
  names: Names,
  around: Surroundings,
): Verdict {
  if (columns === undefined) {
    return because(
      "the names that PostgreSQL would give the indexes of the partitions are not known, since the index is one of an expression",
    );
  }
  const elements = [...(index.indexParams ?? []), ...(index.indexIncludingParams ?? [])];
  const wanted = elements.map((element) => as(element, "IndexElem")?.name ?? null);
  const leaves = (around.leaves.get(table.name) ?? []).filter(({ isForeign }) => !isForeign);
  const alike = leaves.find(({ looseIndexes }) =>
    looseIndexes.some((there) => there.join("\n") === wanted.join("\n")),
  );
  // PostgreSQL takes over the first one that fits, and what is built beside it would be left over.
  if (alike) {
    return because(
      `${sqlName(alike.name)} has an index of the same columns already, which the one of ${sqlName(table.name)} may take over`,
    );
  }
  const builds = leaves.map((leaf: Leaf): Piece => ({
    sql: concurrently(text, index, names.index(leaf, columns), sqlName(leaf.name)),
    place: "alone",
  }));
  // Whoever reads the plan sees that each leaf has the same index as the statement says.
  const isSame = builds.every(({ sql }) => {
    const built = as(parseScript(sql)[0]?.node, "IndexStmt");
    const same = (key: keyof Tree.IndexStmt) => isSameTree(built?.[key], index[key]);
    return (
      same("indexParams") &&
      same("indexIncludingParams") &&
      same("whereClause") &&
      same("accessMethod") &&
      same("options") &&
      same("tableSpace") &&
      same("unique") &&
      same("nulls_not_distinct")
    );
  });
  if (!isSame) return because("the statement could not be taken apart");
  return { kept: [], pieces: [...builds, { sql: text, place: "apart", takesOver: true }] };
}

/** DROP INDEX, one by one: CONCURRENTLY knows no list. */
export function rewriteDropIndex(drop: Tree.DropStmt, { model }: Surroundings): Verdict {
  if (drop.removeType !== "OBJECT_INDEX" || drop.concurrent) return asItIs;
  const parts = allOf(drop.objects, "List").map(({ items }) => stringsOf(items));
  const indexes = parts.map((name) => model.index(name.join(".")));
  const tables = indexes.map((index) => index && model.table(index.table));
  const isOurs = (place: number) => {
    const table = tables[place];
    return table !== undefined && !table.isNew && indexes[place]?.constraint === undefined;
  };
  if (!parts.some((_, place) => isOurs(place))) return asItIs;
  if (drop.behavior === "DROP_CASCADE") return because("CONCURRENTLY knows no CASCADE");
  const partitioned = tables.find((table) => table?.kind === "partitioned");
  if (partitioned) {
    return because(
      `PostgreSQL refuses CONCURRENTLY for an index of ${sqlName(partitioned.name)}, which is partitioned; its lock is brief`,
    );
  }
  const ifExists = drop.missing_ok ? "IF EXISTS " : "";
  const pieces = parts.map((name, place): Piece =>
    isOurs(place)
      ? { sql: `DROP INDEX CONCURRENTLY ${ifExists}${dotted(name)}`, place: "alone" }
      : { sql: `DROP INDEX ${ifExists}${dotted(name)}`, place: "joins" },
  );
  return { kept: [], pieces };
}

const kinds: Partial<Record<NonNullable<Tree.ReindexStmt["kind"]>, string>> = {
  REINDEX_OBJECT_INDEX: "index",
  REINDEX_OBJECT_TABLE: "table",
  REINDEX_OBJECT_SCHEMA: "schema",
  REINDEX_OBJECT_DATABASE: "database",
};

/** REINDEX: built anew beside the old one. */
export function rewriteReindex(
  { text }: Statement,
  reindex: Tree.ReindexStmt,
  { model }: Surroundings,
): Verdict {
  if (isOptionOn(reindex.params, "concurrently", false)) return asItIs;
  const word = kinds[reindex.kind ?? "REINDEX_OBJECT_SYSTEM"];
  if (word === undefined) return because("PostgreSQL has no REINDEX SYSTEM CONCURRENTLY");
  const name = relationName(reindex.relation);
  const index = word === "index" ? model.index(name) : undefined;
  const owner = model.table(word === "index" ? (index?.table ?? "") : name);
  if (owner?.isNew) return asItIs;
  // A table's is passed over with a warning, that of an index by name is an error.
  const excluding = [...(owner?.constraints ?? [])].find(
    ([constraint, { kind }]) =>
      kind === "exclude" && (word === "table" || index?.constraint === constraint),
  );
  if (excluding) {
    return because(
      `PostgreSQL cannot rebuild ${ident(excluding[0])}, an exclusion constraint, concurrently`,
    );
  }
  const sql = withWordsAfter(text, word, "CONCURRENTLY");
  const made = as(parseScript(sql)[0]?.node, "ReindexStmt");
  const { params = [], ...rest } = made ?? {};
  const { params: before = [], ...others } = reindex;
  const isSame = isSameTree(rest, others) && params.length === before.length + 1;
  if (!isSame) return because("the statement could not be taken apart");
  return { kept: [], pieces: [{ sql, place: "alone" }] };
}

const sqlName = (name: string) => dotted(name.split("."));
