/**
 * Texts as tables in use have them and made up ones do not: empty, with blanks around, with more words
 * than expected. A rollback that splits, trims or joins texts loses some of these alone.
 */
import { ident, qualified } from "../db/identifier.ts";
import type { Session } from "../db/session.ts";
import type { Statement, Tree } from "../db/script.ts";
import { findNodes, valuesOf } from "../db/tree.ts";
import type { FillOptions } from "./fill.ts";
import type { Fresh, Wish } from "./special-rows.ts";
import { changeOne, makeSpecialRows } from "./special-rows.ts";
import { nameOf } from "./unmet-writes.ts";

/** What the messages call them. */
export const unusualTexts =
  "texts that are empty, begin and end with blanks, or have several words and two blanks in a row";

/** Statements that store rows, by what is in other rows. */
const writing = new Set([
  "UpdateStmt",
  "DeleteStmt",
  "MergeStmt",
  "InsertStmt",
  "CreateTableAsStmt",
]);

/** Tables whose rows decide what statements write, as they are named there. */
export function tablesWrittenFrom(statements: readonly Statement[]): string[] {
  const relations = statements
    .filter(({ kind }) => writing.has(kind))
    .flatMap(({ node }) => [
      ...findNodes(node, "RangeVar"),
      // What is changed stands there without the name of its kind.
      ...(valuesOf(node, "relation") as Tree.RangeVar[]),
    ]);
  return [...new Set(relations.map(nameOf))];
}

interface Kind {
  /** Conditions and expressions of a value `v` of type text. */
  isIt(v: string): string;
  make(v: string): string;
}

const kinds: readonly Kind[] = [
  { isIt: (v) => `${v} = ''`, make: () => "''" },
  { isIt: (v) => `${v} like ' %_ '`, make: (v) => `'  ' || ${v} || ' '` },
  { isIt: (v) => `${v} like '%_  %_'`, make: (v) => `${v} || '  ' || ${v} || ' ' || ${v}` },
];

/** Rows that are tried for each. */
const triedRows = 3;

/**
 * Gives some of the fresh rows such texts, where their constraints take them.
 *
 * @param tables as statements name them; what is none is passed over.
 * @returns the columns that have one now, `app.people.name`, quoted where needed.
 */
export async function makeUnusualTexts(
  session: Session,
  tables: readonly string[],
  fresh: Fresh,
  options: Pick<FillOptions, "role" | "lockTimeoutMs">,
): Promise<string[]> {
  const made: string[] = [];
  for (const table of tables) {
    for (const { schema, name, column } of await listTextColumns(session, table)) {
      const wishes = wishesFor(qualified(schema, name), ident(column));
      const refused = await makeSpecialRows(session, wishes, fresh, options);
      if (refused.length < wishes.length) {
        made.push(`${qualified(schema, name)}.${ident(column)}`);
      }
    }
  }
  return made;
}

function wishesFor(table: string, column: string): Wish[] {
  const value = `t.${column}::text`;
  const usual = `${value} <> '' and not (${kinds.map(({ isIt }) => isIt(value)).join(" or ")})`;
  return kinds.map(({ isIt, make }) => ({
    what: `${table}.${column}`,
    isThere: (fresh) =>
      `select exists (select from ${table} t where ${fresh} and ${isIt(value)}) as there`,
    changes: (fresh) =>
      Array.from({ length: triedRows }, (_, nth) =>
        changeOne(table, `${column} = ${make(`coalesce(${value}, 'a')`)}`, fresh, {
          nth,
          first: usual,
        }),
      ),
  }));
}

interface TextColumn {
  readonly schema: string;
  readonly name: string;
  readonly column: string;
}

/** Those that a row can be given a value of. */
async function listTextColumns(session: Session, table: string): Promise<TextColumn[]> {
  return await session.query<TextColumn>(
    `select n.nspname as schema, c.relname as name, a.attname as column
     from pg_class c
     join pg_namespace n on n.oid = c.relnamespace
     join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
     join pg_type t on t.oid = a.atttypid
     where c.oid = to_regclass($1::text) and c.relkind in ('r', 'p') and c.relpersistence <> 't'
       and t.typcategory = 'S' and a.attgenerated = ''
     order by a.attnum`,
    [table],
  );
}
