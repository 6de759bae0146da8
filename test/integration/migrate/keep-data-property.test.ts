/** Random tables are rolled back with `keepData` and migrated again: not a row is lost. */
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { PgwrightError } from "../../../src/errors.ts";
import { migrate, rollback } from "../../../src/migrate/library.ts";
import { migration, withMigrations } from "../../support/migration-project.ts";

/** Types with values whose texts are awkward, as SQL. */
const types: readonly (readonly [type: string, values: readonly string[]])[] = [
  ["int", ["1", "2", "-2147483648"]],
  [
    "text",
    ["''", "' a '", "E'line\\nbreak'", "'\"quoted\", (paren) {brace} \\back'", "'NULL'", "'ü山'"],
  ],
  ["varchar(9)", ["'abc  '", "''"]],
  ["char(5)", ["'ab'", "''"]],
  ["bpchar", ["'ab  '", "'ab'"]],
  ['"char"', ["'x'", "''"]],
  ["name", ["'pg'"]],
  ["boolean", ["true", "false"]],
  ["float8", ["'NaN'", "'-Infinity'", "'-0'", "0.1 + 0.2::float8", "5e-324"]],
  ["real", ["1/3::real", "'1e-40'"]],
  ["numeric", ["'NaN'", "1.500", "1e-30", "'Infinity'"]],
  ["numeric(10,2)", ["1.5", "-0.01"]],
  ["money", ["1.5", "-12345.67"]],
  ["bytea", ["'\\x00ff'", "''"]],
  ["date", ["'infinity'", "'0044-03-15 BC'", "'2024-02-29'"]],
  ["timestamptz", ["'1883-11-18 12:03:57+00'", "'-infinity'", "'2024-01-02 03:04:05.678901+13'"]],
  ["timestamp", ["'2024-01-02 03:04:05.5'", "'0001-01-01 BC'"]],
  ["timetz", ["'24:00:00+15:59'", "'03:04:05.1-07'"]],
  ["interval", ["'1 mon'", "'30 days'", "'-1 year 2 days 03:04:05.6'"]],
  ["json", ['\'{"a": 1,  "a": 2}\'', "'null'"]],
  ["jsonb", ["'{\"b\": [null, 1.50]}'", "'null'"]],
  ["int[]", ["'{}'", "'{1,NULL,3}'", "'[2:3]={7,8}'"]],
  ["text[]", ['\'{"a,b","\\"",NULL,"NULL",""}\'', "'{{a,b},{c,d}}'"]],
  ["uuid", ["'00000000-0000-0000-0000-000000000001'"]],
  ["inet", ["'10.0.0.1'", "'10.0.0.1/8'"]],
  ["bit(3)", ["'101'"]],
  ["varbit", ["''", "'1'"]],
  ["point", ["'(1,0.1)'"]],
  ["tstzrange", ["'empty'", "'[2024-01-01,)'"]],
  ["tsvector", ["'''a b'':1A c'"]],
  ["xml", ["'<a>1</a>'", "'just text'"]],
  ["mood", ["'ok'", "'it''s'"]],
  ["place", ["row(null, null)", "row(1, 'a,\"b')"]],
  ["place[]", ["array[row(1, 'x')::place, null]"]],
  ["positive", ["1", "2"]],
];

const definitions = `
  create type mood as enum ('ok', 'it''s');
  create type place as (x int, label text);
  create domain positive as int check (value > 0);`;

const losses = [
  "table",
  "columns",
  "truncate",
  "delete",
  "retype",
  "cascade",
  "update",
  "referring",
  "rekeyed",
] as const;

interface Case {
  readonly columns: readonly number[];
  readonly rows: number;
  readonly key: "none" | "serial" | "two";
  readonly isPartitioned: boolean;
  readonly loss: (typeof losses)[number];
  readonly nulls: number;
}

const cases = fc.record<Case>({
  columns: fc.array(fc.nat(types.length - 1), { maxLength: 5 }),
  rows: fc.integer({ min: 1, max: 40 }),
  key: fc.constantFrom("none", "serial", "two"),
  isPartitioned: fc.boolean(),
  loss: fc.constantFrom(...losses),
  nulls: fc.nat(3),
});

/** The migration before, the one that is rolled back, and the rows. */
function scriptsOf({ columns, rows, key, isPartitioned, loss, nulls }: Case) {
  const chosen = columns.map((index, i) => ({
    name: `"C ${i}"`,
    type: types[index] ?? ["int", ["1"]],
  }));
  const base = [
    ...(key === "serial" ? ["id int generated always as identity"] : []),
    ...(key === "two" ? ["a int not null", "b text not null"] : []),
    "part int not null default 0",
    ...(key === "none"
      ? []
      : [key === "serial" ? "primary key (part, id)" : "unique (b, a, part)"]),
  ].join(", ");
  const suffix = isPartitioned ? " partition by list (part)" : "";
  const leaves = isPartitioned
    ? "create table t0 partition of t for values in (0); create table t1 partition of t default;"
    : "";
  const added = chosen.map(({ name, type }) => `alter table t add column ${name} ${type[0]};`);
  const create = `create table t (${base})${suffix};\n${leaves}`;
  const values = chosen.map(({ type: [type, list] }) => {
    const all = [...list, ...Array.from({ length: nulls }, () => "null")];
    const items = all.map((value) => `(${value})::${type}`).join(", ");
    return `(case (i * ${7 + all.length}) % ${all.length} ${all.map((value, n) => `when ${n} then (${value})::${type}`).join(" ")} end) /* ${items.length} */`;
  });
  const names = ["part", ...(key === "two" ? ["a", "b"] : []), ...chosen.map(({ name }) => name)];
  const exprs = ["i % 3", ...(key === "two" ? ["i / 7", "'k' || i % 7"] : []), ...values];
  const fill = `insert into t (${names.join(", ")}) select ${exprs.join(", ")} from generate_series(1, ${rows}) i;`;
  const drops = chosen.map(({ name }) => `drop column ${name}`).join(", ");
  const text = `alter table t add column late text;`;
  const note = `update t set late = repeat('x', part + 3) || ' ';`;
  switch (loss) {
    case "table":
      return {
        before: "select 1;",
        up: [create, ...added].join("\n"),
        down: "drop table t;",
        fill,
      };
    case "columns":
      return {
        before: create,
        up: [...added, text].join("\n"),
        down: `alter table t drop column late${drops === "" ? "" : `, ${drops}`};`,
        fill: `${fill}\n${note}`,
      };
    case "truncate":
      return { before: [create, ...added].join("\n"), up: "select 1;", down: "truncate t;", fill };
    case "delete":
      return {
        before: [create, ...added].join("\n"),
        up: "select 1;",
        down: "delete from only t where false;\ndelete from t as x where x.part <> 1;",
        fill,
      };
    case "retype":
      return {
        before: [create, ...added, text].join("\n"),
        up: "alter table t alter column late type text;",
        down: "alter table t alter column late type varchar(4) using left(late, 3);",
        fill: `${fill}\n${note}`,
      };
    case "update":
      // Which rows go is not known before; without a key that is refused.
      return {
        before: [create, ...added, text].join("\n"),
        up: "update t set late = upper(late) where part = 0;",
        down: `update t set late = 'gone' where part = 0;\n${chosen.map(({ name }) => `update t as x set ${name} = null where x.part <> 2;`).join("\n")}\n${key === "none" ? "" : "delete from t where late = 'gone' or late = 'xxxx ';"}`,
        fill: `${fill}\n${note}`,
      };
    case "referring":
      // Rows refer to rows, of their own table too; a key takes rows or values along.
      return {
        before: [
          "create table owners (id int primary key, boss int references owners on delete cascade);",
          create,
          ...added,
          "alter table t add column late text, add column owner int references owners on delete cascade, add column deputy int default null references owners on delete set " +
            `${rows % 2 === 0 ? "null" : "default"};`,
        ].join("\n"),
        up: "select 1;",
        down: "delete from t where part = 1;\ndelete from owners where id = 1;",
        fill: `insert into owners values (1), (4);\ninsert into owners values (2, 1);\ninsert into owners values (3, 2);\n${fill}\n${note}
update t set owner = nullif(2 + part, 2), deputy = 3 - part;`,
      };
    case "rekeyed":
      // What rows refer to changes, and what refers to it with it.
      return {
        before: [
          "create table owners (id int primary key, name text not null unique, boss int references owners on update cascade);",
          create,
          ...added,
          "alter table t add column late text, add column owner int references owners on update cascade, add column deputy int default null references owners on update set " +
            `${rows % 2 === 0 ? "null" : "default"};`,
        ].join("\n"),
        up: "select 1;",
        down: "update t set late = 'gone' where part = 2;\nupdate owners set id = id + 10 where id <> 3;",
        fill: `insert into owners values (1, 'a'), (4, 'd');\ninsert into owners values (2, 'b', 1);\ninsert into owners values (3, 'c', 2);\n${fill}\n${note}
update t set owner = nullif(2 + part, 2), deputy = 3 - part;`,
      };
    case "cascade":
      return {
        before: "select 1;",
        up: `create type late_mood as enum ('a', 'b');\n${[create, ...added].join("\n")}\nalter table t add column late late_mood;`,
        down: `drop type late_mood cascade;\ndrop table t;`,
        fill: `${fill}\nupdate t set late = 'b';`,
      };
  }
}

test("random tables, there and back", { timeout: 600_000 }, async () => {
  await using project = await withMigrations({
    "000_types.sql": migration(definitions, "select 1;"),
  });
  const { sql } = project;
  await sql.unsafe("set timezone = 'America/New_York'");
  const options = { url: project.database.url, directory: `${project.path}/migrations` };
  // Another zone and other ways of writing than in the session that migrates.
  const settings = encodeURIComponent("-c timezone=Asia/Kolkata -c datestyle=German");
  const abroad = `${options.url}${options.url.includes("?") ? "&" : "?"}options=${settings}`;
  await migrate(options);
  const look = async (table = "t") =>
    sql
      .unsafe(`select x::text as row from ${table} x order by 1`)
      .then((rows) => rows.map(({ row }) => row));
  let number = 0;
  await fc.assert(
    fc.asyncProperty(cases, async (one) => {
      number += 2;
      const { before, up, down, fill } = scriptsOf(one);
      const undo = before === "select 1;" ? "select 1;" : "drop table t;";
      await project.write(`${number}_before.sql`, migration(before, undo));
      await project.write(`${number + 1}_lossy.sql`, migration(up, down));
      try {
        await migrate(options);
        await sql.unsafe(fill).simple();
        const rows = await look();
        const lookAtOwners = async () =>
          /^re(?:ferring|keyed)$/.test(one.loss) ? look("owners") : [];
        const owners = await lookAtOwners();
        const back = await rollback({ ...options, url: abroad, keepData: true });
        expect(back.rolledBack[0]?.losses).toEqual([]);
        const again = await migrate(options);
        expect(await look()).toEqual(rows);
        expect(await lookAtOwners()).toEqual(owners);
        expect(again.restored?.filter(({ left }) => left > 0) ?? []).toEqual([]);
        const waiting = await sql`select from pgwright.kept_data where restored_at is null`;
        expect(waiting).toHaveLength(0);
      } finally {
        await sql
          .unsafe(
            "drop table if exists t, owners; drop type if exists late_mood; delete from schema_migrations where version <> '000'",
          )
          .simple();
        await project.remove(`${number}_before.sql`);
        await project.remove(`${number + 1}_lossy.sql`);
      }
    }),
    { numRuns: Number(process.env["PGWRIGHT_TEST_RUNS"] ?? 60) },
  );
});

/** A table whose rows are in its parts, and what statements of a down section do to them. */
interface Tree {
  readonly kind: "partitions" | "children";
  readonly key: boolean;
  /** Made by the migration, so that all of it is dropped in the end. */
  readonly isNew: boolean;
  readonly rows: number;
  readonly deeds: readonly (readonly [(typeof deeds)[number], (typeof parts)[number]])[];
}

const parts = ["t", "t0", "t1", "t2"] as const;
const deeds = ["truncate", "delete", "some", "other", "leave", "drop", "owners"] as const;

const trees = fc.record<Tree>({
  kind: fc.constantFrom("partitions", "children"),
  key: fc.boolean(),
  isNew: fc.boolean(),
  rows: fc.integer({ min: 1, max: 20 }),
  deeds: fc.array(fc.tuple(fc.constantFrom(...deeds), fc.constantFrom(...parts)), {
    minLength: 1,
    maxLength: 6,
  }),
});

function treeScripts({ kind, key, isNew, rows, deeds: wanted }: Tree) {
  const isParted = kind === "partitions";
  const bounds = { t0: "for values in (0)", t1: "for values in (1)", t2: "default" };
  const leaves = ["t0", "t1", "t2"] as const;
  const create = [
    "create table owners (id int primary key);",
    `create table t (part int, id int, owner int references owners on delete cascade${key ? ", primary key (part, id)" : ""})${isParted ? " partition by list (part)" : ""};`,
    ...leaves.map((leaf) =>
      isParted
        ? `create table ${leaf} partition of t ${bounds[leaf]};`
        : `create table ${leaf} (${key ? "primary key (part, id)" : ""}) inherits (t);`,
    ),
  ].join("\n");
  const there = new Set<(typeof parts)[number]>(parts);
  const left = new Set<(typeof leaves)[number]>();
  const down = ["select 1;"];
  const away = (leaf: (typeof leaves)[number]) =>
    isParted ? `alter table t detach partition ${leaf};` : `alter table ${leaf} no inherit t;`;
  for (const [deed, part] of wanted) {
    if (deed === "owners") down.push("delete from owners where id = 1;");
    else if (!there.has(part)) continue;
    else if (deed === "truncate") down.push(`truncate ${part};`);
    else if (deed === "delete") down.push(`delete from ${part};`);
    else if (deed === "some") down.push(`delete from ${part} where id % 2 = 0;`);
    // Which those are is not known before.
    else if (deed === "other") {
      down.push(
        `delete from ${part} using owners o where o.id = ${part}.owner and ${part}.id % 3 = 0;`,
      );
    } else if (part === "t") continue;
    else if (deed === "leave" && there.has("t") && !left.has(part)) {
      down.push(away(part));
      left.add(part);
    } else if (deed === "drop" && isNew) {
      down.push(`drop table ${part};`);
      there.delete(part);
    }
  }
  if (isNew) {
    // What has left is dropped behind its parent.
    const own = leaves.filter((leaf) => there.has(leaf) && !left.has(leaf));
    if (!isParted) down.push(...own.map((leaf) => `drop table ${leaf};`));
    down.push(
      "drop table t;",
      ...leaves
        .filter((leaf) => there.has(leaf) && left.has(leaf))
        .map((leaf) => `drop table ${leaf};`),
      "drop table owners;",
    );
  }
  const back = [...left].map((leaf) =>
    isParted
      ? `alter table t attach partition ${leaf} ${bounds[leaf]};`
      : `alter table ${leaf} inherit t;`,
  );
  const fill = `insert into owners values (1), (2);
${
  isParted
    ? `insert into t select i % 4, i, 1 + i % 2 from generate_series(1, ${rows}) i;${key ? "" : "insert into t select * from t;"}`
    : `insert into t0 select 0, i, 1 + i % 2 from generate_series(1, ${rows}) i; insert into t1 select 1, i, null from generate_series(1, ${rows}) i;`
}`;
  return isNew
    ? { before: "select 1;", up: create, down: down.join("\n"), fill }
    : { before: create, up: "select 1;", down: [...down, ...back].join("\n"), fill };
}

test("random parts and wholes, there and back", { timeout: 600_000 }, async () => {
  await using project = await withMigrations({
    "000_nothing.sql": migration("select 1;", "select 1;"),
  });
  const { sql } = project;
  const options = { url: project.database.url, directory: `${project.path}/migrations` };
  await migrate(options);
  const look = async () =>
    sql.unsafe(
      "select tableoid::regclass::text as part, t::text as row from t union all select 'owners', o::text from owners o order by 1, 2",
    );
  let number = 0;
  let refusals = 0;
  await fc.assert(
    fc.asyncProperty(trees, async (one) => {
      number += 2;
      const { before, up, down, fill } = treeScripts(one);
      await project.write(`${number}_before.sql`, migration(before, "select 1;"));
      await project.write(`${number + 1}_lossy.sql`, migration(up, down));
      try {
        await migrate(options);
        await sql.unsafe(fill).simple();
        const rows = await look();
        const refused = await rollback({ ...options, keepData: true }).then(
          async ({ rolledBack }) => {
            const kept = rolledBack.flatMap((back) => back.kept);
            const stays = one.isNew ? [] : await look();
            const count = kept.reduce((sum, each) => sum + each.rows, 0);
            expect(count).toBe(rows.length - stays.length);
            await migrate(options);
            return false;
          },
          (error: unknown) => {
            // Which rows go is not known; or they would come back into the parent.
            if (!(error instanceof PgwrightError) || error.code !== "data-loss") throw error;
            const why = error.details.notes?.join("\n") ?? "";
            if (!/has no key to tell afterwards|has children by inheritance/.test(why)) throw error;
            return true;
          },
        );
        if (refused) refusals += 1;
        expect(await look()).toEqual(rows);
      } finally {
        await sql
          .unsafe(
            "drop table if exists t, t0, t1, t2, owners cascade; delete from schema_migrations where version <> '000'",
          )
          .simple();
        await project.remove(`${number}_before.sql`);
        await project.remove(`${number + 1}_lossy.sql`);
      }
    }),
    { numRuns: Number(process.env["PGWRIGHT_TEST_RUNS"] ?? 60) },
  );
  expect(refusals).toBeLessThan(number / 2);
});
