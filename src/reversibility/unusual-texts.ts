/**
 * Texts as tables in use have them and made up ones do not: empty, long, twice the same, with blanks
 * around, with more words than expected. What splits, trims, cuts, joins or weeds out texts loses some
 * of these alone.
 */
import { ident, qualified } from "../db/identifier.ts";
import type { Session } from "../db/session.ts";
import type { Statement, Tree } from "../db/script.ts";
import { allOf, as, findNodes, valuesOf } from "../db/tree.ts";
import type { FillOptions } from "./fill.ts";
import type { Fresh, Wish } from "./special-rows.ts";
import { changeOne, makeSpecialRows } from "./special-rows.ts";
import { nameOf } from "./unmet-writes.ts";

/** What the messages call them. */
export const unusualTexts =
  "texts that are empty, long, equal, in capitals, or have blanks at both ends or two in a row";

/** Statements that store rows, by what is in these or others. */
const writing = new Set([
  "UpdateStmt",
  "DeleteStmt",
  "MergeStmt",
  "InsertStmt",
  "CreateTableAsStmt",
]);

function isWriting({ kind, node }: Statement): boolean {
  const commands = allOf(as(node, "AlterTableStmt")?.cmds, "AlterTableCmd");
  return writing.has(kind) || commands.some(({ subtype }) => subtype === "AT_AlterColumnType");
}

/** Tables whose rows decide what statements write, as they are named there. */
export function tablesWrittenFrom(statements: readonly Statement[]): string[] {
  const relations = statements.filter(isWriting).flatMap(({ node }) => [
    ...findNodes(node, "RangeVar"),
    // What is changed stands there without the name of its kind.
    ...(valuesOf(node, "relation") as Tree.RangeVar[]),
  ]);
  return [...new Set(relations.map(nameOf))];
}

interface Kind {
  /** A condition on a value `v` of type text. */
  isIt(v: string): string;
  /** Such a value, out of the one that a row has. */
  make(v: string): string;
}

const kinds: readonly Kind[] = [
  { isIt: (v) => `${v} = ''`, make: () => "''" },
  { isIt: (v) => `${v} like ' %_ '`, make: (v) => `'  ' || ${v} || ' '` },
  {
    isIt: (v) => `(${v} like '%_  _%' and length(${v}) < 100)`,
    make: (v) => `${v} || '  ' || ${v} || ' ' || ${v}`,
  },
  { isIt: (v) => `${v} ~ '[A-Z]' and ${v} = upper(${v})`, make: (v) => `upper(${v})` },
  { isIt: (v) => `length(${v}) > 260`, make: (v) => `rpad(${v} || ' ', 270, ${v} || ' ')` },
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
  const what = `${table}.${column}`;
  const value = `t.${column}::text`;
  const isUsual = `${value} <> '' and not (${kinds.map(({ isIt }) => isIt(value)).join(" or ")})`;
  const change = (to: string, fresh: Fresh) =>
    Array.from({ length: triedRows }, (_, nth) =>
      changeOne(table, `${column} = ${to}`, fresh, { nth, first: isUsual }),
    );
  // The first of them is changed, and the last one is taken.
  const equal = (fresh: Fresh) =>
    `(select ${value} from ${table} t where ${fresh} and ${isUsual} order by t.tableoid desc, t.ctid desc limit 1)`;
  return [
    ...kinds.map(({ isIt, make }) => ({
      what,
      isThere: (fresh: Fresh) =>
        `select exists (select from ${table} t where ${fresh} and ${isIt(value)}) as there`,
      changes: (fresh: Fresh) => change(make(`coalesce(${value}, 'a')`), fresh),
    })),
    {
      what,
      isThere: (fresh: Fresh) =>
        `select exists (select from ${table} t where ${fresh} and ${isUsual} group by ${value} having count(*) > 1) as there`,
      changes: (fresh: Fresh) => change(equal(fresh), fresh),
    },
  ];
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
