import { readFileSync } from "node:fs";
import type postgres from "postgres";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { loadParser, parseScript } from "../../src/db/script.ts";
import { withDatabase } from "../support/database.ts";
import type { TestDatabase } from "../support/database.ts";
import { connectTo, fitnessHubSchemas, withFitnessHub } from "../support/fitnesshub.ts";

const specUrl = new URL("../fixtures/fitnesshub-spec.sql", import.meta.url);
const deviationsUrl = new URL(
  "../../docs/decisions/0002-deviations-from-the-specification.md",
  import.meta.url,
);

let hub: TestDatabase;
let spec: TestDatabase;
let sql: postgres.Sql;
let specSql: postgres.Sql;
/** Statements of the specification that PostgreSQL refuses: first line and SQLSTATE. */
const refused: string[] = [];

beforeAll(async () => {
  [hub, spec] = await Promise.all([withFitnessHub(), withDatabase(), loadParser()]);
  sql = connectTo(hub);
  specSql = connectTo(spec, 1);
  for (const { text } of parseScript(readFileSync(specUrl, "utf8"))) {
    await specSql.unsafe(text).catch((error: postgres.PostgresError) => {
      refused.push(`${error.code} ${/idx_\w+|\w+_pkey/.exec(text)?.[0] ?? text}`);
    });
  }
});

afterAll(async () => {
  await Promise.all([sql?.end(), specSql?.end()]);
  await hub?.[Symbol.asyncDispose]();
  await spec?.[Symbol.asyncDispose]();
});

describe("against the specification", () => {
  test("its SQL fails only where it repeats itself, and at the index that says now()", () => {
    expect(refused.toSorted()).toEqual([
      "42P07 exercises_pkey",
      "42P07 idx_social_posts_user_id",
      "42P07 idx_user_followers_follower_id",
      "42P07 idx_user_followers_following_id",
      "42P07 idx_workout_exercises_exercise_id",
      "42P07 idx_workout_exercises_workout_id",
      "42P07 idx_workouts_user_id",
      "42P07 users_pkey",
      "42P07 workouts_pkey",
      "42P17 idx_social_posts_recent",
    ]);
  });

  test("every column, default, check, key and index is there, but for the listed deviations", async () => {
    const asked = await readCatalog(specSql, ["public"]);
    // The one index that PostgreSQL refuses is asked for all the same.
    asked.set("index idx_social_posts_recent", "social_posts btree (id, created_at) WHERE …");
    const tables = new Set([...asked.keys()].flatMap((key) => /^table (.*)/.exec(key)?.[1] ?? []));
    const built = await readCatalog(sql, fitnessHubSchemas, tables);

    const found = new Map<string, string>();
    for (const key of new Set([...asked.keys(), ...built.keys()])) {
      const [before, after] = [asked.get(key), built.get(key)];
      if (before === after) continue;
      found.set(key, before === undefined ? "added" : after === undefined ? "left out" : "changed");
    }
    expect(sorted(found)).toEqual(sorted(readDeviations()));
    expect(tables.size).toBe(16);
  });
});

describe("the entities that the specification only draws", () => {
  const drawn = {
    comments: [
      "id uuid not null",
      "user_id uuid not null",
      "post_id uuid not null",
      "post_created_at timestamp with time zone not null",
      "content text not null",
      "parent_comment_id uuid",
      "created_at timestamp with time zone",
      "updated_at timestamp with time zone",
    ],
    workout_sessions: [
      "id uuid not null",
      "user_id uuid not null",
      "workout_id uuid",
      "started_at timestamp with time zone not null",
      "completed_at timestamp with time zone",
      "duration_minutes integer",
      "calories_burned integer",
      "performance_data jsonb",
      "created_at timestamp with time zone",
    ],
    exercise_sets: [
      "id uuid not null",
      "workout_session_id uuid not null",
      "exercise_id uuid not null",
      "set_number integer not null",
      "reps integer",
      "weight numeric(8,2)",
      "duration_seconds integer",
      "notes text",
      "created_at timestamp with time zone",
    ],
    user_stats: [
      "id uuid not null",
      "user_id uuid not null",
      "metric_name character varying(100) not null",
      "value numeric(12,4) not null",
      "unit character varying(20)",
      "recorded_date date not null",
      "created_at timestamp with time zone",
    ],
  };

  test.each(Object.entries(drawn))(
    "%s has its columns in the drawn order",
    async (table, columns) => {
      const rows = await sql<{ column: string }[]>`
      select concat_ws(' ', attname, format_type(atttypid, atttypmod), case when attnotnull then 'not null' end) as column
      from pg_attribute where attrelid = ${table}::regclass and attnum > 0 order by attnum`;
      expect(rows.map(({ column }) => column)).toEqual(columns);
    },
  );
});

test("partitions have the documented names and bounds, whatever the time zone of the migrator", async () => {
  await using elsewhere = await withFitnessHub({ timeZone: "Pacific/Auckland" });
  const other = connectTo(elsewhere, 1);
  for (const client of [sql, other]) {
    const rows = await client.begin(async (tx) => {
      await tx`set local timezone = 'UTC'`;
      return tx<{ leaf: string }[]>`
        select inhparent::regclass || ': ' || c.relname || ' ' || pg_get_expr(c.relpartbound, c.oid) as leaf
        from pg_inherits join pg_class c on c.oid = inhrelid
        where c.relkind = 'r' order by c.relname`;
    });
    const monthly = (parent: string) => [
      `${parent}: ${parent}_2024_01 FOR VALUES FROM ('2024-01-01 00:00:00+00') TO ('2024-02-01 00:00:00+00')`,
      `${parent}: ${parent}_2024_02 FOR VALUES FROM ('2024-02-01 00:00:00+00') TO ('2024-03-01 00:00:00+00')`,
      `${parent}: ${parent}_default DEFAULT`,
    ];
    expect(rows.map(({ leaf }) => leaf)).toEqual([
      ...monthly("audit_log"),
      ...monthly("social_posts"),
      ...[0, 1, 2, 3].map((n) => `users: users_${n} FOR VALUES WITH (modulus 4, remainder ${n})`),
    ]);
  }
  await other.end();
});

/** The list items "- `index idx_x`, `index idx_y`: left out. Why." as key and what was done. */
function readDeviations(): Map<string, string> {
  const listed = new Map<string, string>();
  for (const line of readFileSync(deviationsUrl, "utf8").split("\n")) {
    const item = /^- ((?:`[a-z]+ [^`]+`(?:, )?)+): (added|left out|changed)\b/.exec(line);
    for (const [, key] of item?.[1]?.matchAll(/`([^`]+)`/g) ?? []) {
      expect(listed.has(key ?? ""), `${key} is listed twice`).toBe(false);
      listed.set(key ?? "", item?.[2] ?? "");
    }
  }
  return listed;
}

function sorted(map: ReadonlyMap<string, string>): string[] {
  return [...map].map(([key, value]) => `${key}: ${value}`).toSorted();
}

/** Tables, columns, constraints and indexes by name, each with its definition, without schemas. */
async function readCatalog(
  sql: postgres.Sql,
  schemas: readonly string[],
  only?: ReadonlySet<string>,
): Promise<Map<string, string>> {
  const rows = await sql<{ relation: string; key: string; definition: string }[]>`
    with relation as (
      select c.oid, c.relname::text as name, c.relkind
      from pg_class c
      where c.relnamespace = any (array(select oid from pg_namespace where nspname = any (${[...schemas]})))
        and c.relkind in ('r', 'p', 'm') and not c.relispartition
    )
    select name as relation, 'table ' || name as key,
           coalesce('partitioned by ' || pg_get_partkeydef(oid), 'plain') as definition
    from relation
    union all
    select name, 'column ' || name || '.' || attname,
           concat_ws(' ', format_type(atttypid, atttypmod), case when attnotnull then 'not null' end,
                     'default ' || pg_get_expr(adbin, adrelid))
    from relation
    join pg_attribute on attrelid = oid and attnum > 0 and not attisdropped
    left join pg_attrdef on adrelid = attrelid and adnum = attnum
    union all
    select name, 'constraint ' || conname, name || ' ' || pg_get_constraintdef(c.oid)
    from relation r
    join pg_constraint c on conrelid = r.oid and contype <> 'n' and conparentid = 0
    union all
    -- From the access method on: before it stands the table's name, here with and there without schema.
    select name, 'index ' || relname,
           concat_ws(' ', name, case when indisunique then 'unique' end,
                     substring(pg_get_indexdef(i.indexrelid) from ' USING (.*)'))
    from relation r
    join pg_index i on i.indrelid = r.oid
    join pg_class c on c.oid = i.indexrelid
    where not exists (select from pg_constraint where conindid = i.indexrelid)`;
  return new Map(
    rows
      .filter(({ relation }) => only?.has(relation) ?? true)
      .map(({ key, definition }) => [key, definition]),
  );
}
