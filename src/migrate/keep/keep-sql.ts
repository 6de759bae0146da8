/** SQL that copies what a rollback loses into a table of ours, as text. */
import { literal } from "../../db/identifier.ts";
import type { Suspect } from "../suspect.ts";
import { placesOf, takesSingleRows } from "../suspect.ts";
import type { Keep, KeepFor } from "./plan-keep.ts";
import type { Shape } from "./shape.ts";
import { inSteadySettings, keptColumn, keptTable, rowText, textOf } from "./shape.ts";

/**
 * Runs in the transaction that loses the data, before its first statement. Takes the lock that the
 * loss needs anyway, copies, and holds every value against what comes back of its text.
 */
export function keepSql(
  { id, object, shape }: Keep,
  suspect: Suspect,
  sequences: ReadonlyMap<string, string>,
  { version, file }: Pick<KeepFor, "version" | "file">,
): string[] {
  const kept = keptTable(id);
  const mode = takesSingleRows(suspect) ? "exclusive" : "access exclusive";
  const isCondition = shape.kind === "deleted";
  const places = placesTable(id);
  return [
    `lock table ${suspect.table} in ${mode} mode`,
    // The condition of a statement means what it does under the settings of the file.
    ...(isCondition
      ? [
          inSteadySettings(
            [],
            [
              `create table ${places} as select o, c from (${placesOf(suspect.rows)}\n) as pgwright_e (o, c)`,
            ],
            [],
          ),
        ]
      : []),
    inSteadySettings(
      ["pgwright_rows bigint"],
      [
        `create table ${kept} as ${selectSql(id, shape, suspect)}`,
        "get diagnostics pgwright_rows = row_count",
        ...(isCondition ? [`drop table ${places}`] : []),
        ...checkSql(kept, shape),
        `insert into pgwright.kept_data (id, version, file, object, shape, sequences, kept_rows)
  values (${id}, ${literal(version)}, ${literal(file)}, ${literal(object)}, ${literal(JSON.stringify(shape))}, ${sequenceSql(sequences)}, pgwright_rows)`,
      ],
    ),
    `comment on table ${kept} is ${literal(`${object}, kept by the rollback of ${file}`)}`,
  ];
}

/** Where the rows are that are kept, while they are being copied. */
function placesTable(id: number): string {
  return `${keptTable(id)}_places`;
}

/** `pgwright_t` is the table: a name that hides none of its columns. */
function selectSql(id: number, shape: Shape, { table, spared = [] }: Suspect): string {
  const columns = shape.columns.map(({ name }) => name);
  const select = (list: readonly string[], from: string) =>
    `select row_number() over (order by pgwright_t.tableoid, pgwright_t.ctid) as pgwright_row${list.map((item) => `, ${item}`).join("")} ${from}`;
  const where = spared.length === 0 ? "" : ` where ${spared.join(" and ")}`;
  const all = `from ${table} as pgwright_t${where}`;
  const asText = (name: string) => `${textOf("pgwright_t", name)} as ${keptColumn(name)}`;
  if (shape.kind === "rows") {
    return select(columns.map(asText), all);
  }
  if (shape.kind === "deleted") {
    const place = `from ${table} as pgwright_t where (pgwright_t.tableoid, pgwright_t.ctid) in (select o, c from ${placesTable(id)})`;
    return select(columns.map(asText), place);
  }
  if (shape.key) {
    const notes = ["null::text as pgwright_after", "false as pgwright_changed"];
    return select([...shape.key, ...columns].map(asText).concat(notes), all);
  }
  // Rows that are alike in all that stays are told apart by their number; which is which, nobody can see.
  const like = rowText("pgwright_t", shape.others);
  const nth = `row_number() over (partition by ${like} order by pgwright_t.tableoid, pgwright_t.ctid)`;
  return select(
    [`${like} as pgwright_like`, `${nth} as pgwright_nth`, ...columns.map(asText)],
    all,
  );
}

/** A value must come back of its text as it was; else nothing is lost, and nothing rolled back. */
function checkSql(kept: string, { columns }: Shape): string[] {
  return columns.map(({ name, type }) => {
    const text = `pgwright_k.${keptColumn(name)}`;
    const back = `(select ${text}::${type} as v) as pgwright_b`;
    return `if exists (select from ${kept} as pgwright_k, lateral ${back} where ${text} is distinct from ${textOf("pgwright_b", "v")}) then
    raise exception '%', ${literal(`values of ${name} cannot be kept: the text of type ${type} does not give the value back`)};
  end if`;
  });
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
