/** SQL that copies what a rollback loses into a table of ours, as text. */
import { ident, literal } from "../../db/identifier.ts";
import { ownerAloneBlock } from "../../db/owner-alone.ts";
import type { Suspect } from "../suspect.ts";
import { placesOf, takesSingleRows } from "../suspect.ts";
import type { KeptFrom } from "./origin-sql.ts";
import { originColumns, originValues } from "./origin-sql.ts";
import type { Keep } from "./plan-keep.ts";
import type { KeptColumn, Shape } from "./shape.ts";
import { inSteadySettings, keptColumn, keptTable, rowText, textOf } from "./shape.ts";

/**
 * Runs in the transaction that loses the data, before its first statement. Takes the lock that the
 * loss needs anyway, copies, and holds every value against what comes back of its text.
 */
export function keepSql(
  { id, object, shape }: Keep,
  suspect: Suspect,
  sequences: ReadonlyMap<string, string>,
  from: KeptFrom,
): string[] {
  const kept = keptTable(id);
  const places = placesTable(id);
  const mode = takesSingleRows(suspect) ? "exclusive" : "access exclusive";
  return [
    `lock table ${suspect.table} in ${mode} mode`,
    inSteadySettings(
      ["pgwright_rows bigint"],
      [
        `create table ${kept} as ${selectSql(id, shape, suspect)}`,
        "get diagnostics pgwright_rows = row_count",
        ownerAloneBlock({ tables: [kept] }),
        // In a publication FOR ALL TABLES, a table without any takes no UPDATE or DELETE.
        `alter table ${kept} replica identity full`,
        // Whoever is granted the copy by mistake sees no more of it than of a table without a policy.
        `if (select relrowsecurity from pg_class where oid = ${literal(suspect.table)}::regclass) then
    alter table ${kept} enable row level security;
  end if`,
        ...checkSql(id, shape, suspect),
        ...(isPlaced(shape, suspect) ? [`drop table ${places}`] : []),
        `insert into pgwright.kept_data (id, ${originColumns}, object, shape, sequences, kept_rows)
  values (${id}, ${originValues(from)}, ${literal(object)}, ${literal(JSON.stringify(shape))}, ${sequenceSql(sequences)}, pgwright_rows)`,
      ],
      isPlaced(shape, suspect)
        ? {
            first: [
              `create unlogged table ${places} as select o, c from (${keptPlaces(shape, suspect)}\n) as pgwright_p (o, c)`,
            ],
          }
        : {},
    ),
    `comment on table ${kept} is ${literal(`${object}, kept by the rollback of ${from.file}`)}`,
  ];
}

/**
 * Where the rows stand that a condition takes, or does not. It is the user's: it names the table as its author did, and what its
 * dates mean hangs on the settings of the session. The table is gone before the end of the transaction, and unlogged, so that
 * no publication sends it.
 */
const placesTable = (id: number) => `${keptTable(id)}_places`;

function isPlaced({ kind }: Shape, { spared = [] }: Suspect): boolean {
  return kind === "deleted" || spared.length > 0;
}

function keptPlaces({ kind }: Shape, { table, rows, spared = [] }: Suspect): string {
  return kind === "deleted"
    ? placesOf(rows)
    : `select pgwright_t.tableoid, pgwright_t.ctid from ${table} as pgwright_t where ${spared.join(" and ")}`;
}

/** `pgwright_t` is the table: a name that hides none of its columns. */
function fromSql(id: number, shape: Shape, suspect: Suspect): string {
  const from = `from ${suspect.table} as pgwright_t`;
  return isPlaced(shape, suspect)
    ? `${from} where (pgwright_t.tableoid, pgwright_t.ctid) in (select o, c from ${placesTable(id)})`
    : from;
}

function selectSql(id: number, shape: Shape, suspect: Suspect): string {
  const from = fromSql(id, shape, suspect);
  const select = (list: readonly string[]) =>
    `select row_number() over (order by pgwright_t.tableoid, pgwright_t.ctid) as pgwright_row${list.map((item) => `, ${item}`).join("")} ${from}`;
  const asText = (column: KeptColumn | string) =>
    `${textOf("pgwright_t", column)} as ${keptColumn(typeof column === "string" ? column : column.name)}`;
  const values = shape.columns.map(asText);
  if (shape.kind !== "values") return select(values);
  if (shape.key) {
    const notes = ["null::text as pgwright_after", "false as pgwright_changed"];
    return select([...shape.key.map(asText), ...values, ...notes]);
  }
  // Rows that are alike in all that stays are told apart by their number; which is which, nobody can see.
  const like = rowText("pgwright_t", shape.others);
  const nth = `row_number() over (partition by ${like} order by pgwright_t.tableoid, pgwright_t.ctid)`;
  return select([`${like} as pgwright_like`, `${nth} as pgwright_nth`, ...values]);
}

/** A value must come back of its text as it was; else nothing is lost, and nothing rolled back. */
function checkSql(id: number, shape: Shape, suspect: Suspect): string[] {
  return shape.columns.map((column) => {
    const { name, type, xml } = column;
    const text = `pgwright_k.${keptColumn(name)}`;
    const back = `(select ${text}::${type} as v) as pgwright_b`;
    const differs =
      xml === "within"
        ? // What comes back gives the same text even so: the bytes are compared.
          `select from (${valuesSql(id, shape, suspect, column)}) as pgwright_v where row(v) operator(pg_catalog.*<>) row(b)`
        : `select from ${keptTable(id)} as pgwright_k, lateral ${back} where ${text} is distinct from ${textOf("pgwright_b", { ...column, name: "v" })}`;
    return `if exists (${differs}) then
    raise exception '%', ${literal(`values of ${name} cannot be kept: the text of type ${type} does not give the value back`)};
  end if`;
  });
}

/** Values as they are, and what comes back of their texts. */
function valuesSql(id: number, shape: Shape, suspect: Suspect, column: KeptColumn): string {
  const back = `(${textOf("pgwright_t", column)})::${column.type}`;
  return `select pgwright_t.${ident(column.name)} as v, ${back} as b ${fromSql(id, shape, suspect)}`;
}

function sequenceSql(sequences: ReadonlyMap<string, string>): string {
  const list = [...sequences].map(
    ([column, sequence]) =>
      `(select jsonb_build_object('column', ${literal(column)}, 'last', last_value, 'called', is_called) from ${sequence})`,
  );
  return `jsonb_build_array(${list.join(", ")})`;
}

/**
 * Runs at the end of the rollback: how each row looks then, so that one which is changed before the
 * migration comes again is known.
 */
export function noteAfterSql({ id, shape }: Keep): string[] {
  const { after, key } = shape;
  if (!after || !key) return [];
  if (shape.kind === "deleted") {
    // What the statement left where it is needs no keeping.
    return [
      inSteadySettings(
        [],
        [
          `delete from ${keptTable(id)} as pgwright_k using ${after.table} as pgwright_t where ${matchSql(key, after.key)}`,
          `update pgwright.kept_data set kept_rows = (select count(*) from ${keptTable(id)}) where id = ${id}`,
        ],
      ),
    ];
  }
  return [
    inSteadySettings(
      [],
      [
        `update ${keptTable(id)} as pgwright_k set pgwright_after = md5(pgwright_t::text)
  from ${after.table} as pgwright_t where ${matchSql(key, after.key)}`,
      ],
    ),
  ];
}

/** `pgwright_k` is the kept row of the row `pgwright_t`, whose key has these names. */
export function matchSql(key: readonly string[], names: readonly string[]): string {
  return key
    .map((name, i) => `${textOf("pgwright_t", names[i] ?? name)} = pgwright_k.${keptColumn(name)}`)
    .join(" and ");
}
