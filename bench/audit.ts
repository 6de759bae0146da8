/** 100,000 updates of two columns of sixteen: without a trigger, and with three ways to record them. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import postgres from "postgres";
import { declare } from "../test/support/audit.ts";
import { connectTo } from "../test/support/connection.ts";
import { runSteps } from "../test/support/policy-steps.ts";
import { planAudit } from "../src/policies/audit/plan.ts";
import type { Benchmark, Place } from "./main.ts";
import type { Contender } from "./measure.ts";

const rows = 100_000;

/** FitnessHub's users, without partitions. */
const usersSql = (schema: string) => `
create table ${schema}.users (
  id uuid primary key default gen_random_uuid(), email varchar(255) not null, first_name varchar(100) not null,
  last_name varchar(100) not null, role varchar(20) not null default 'user', avatar_url text, bio text,
  location varchar(255), date_of_birth date, gender varchar(20), fitness_goals jsonb default '[]',
  activity_level varchar(20), is_active boolean default true, last_login_at timestamptz,
  created_at timestamptz default now(), updated_at timestamptz default now());
insert into ${schema}.users (email, first_name, last_name, avatar_url, bio, location, date_of_birth, gender, fitness_goals, activity_level, last_login_at)
select 'user' || i || '@example.invalid', 'First' || i, 'Last' || i, 'https://cdn.example.invalid/avatars/' || i || '.png',
       'Likes to run in the morning and to lift in the evening, number ' || i, 'Sample City ' || i % 100,
       date '1980-01-01' + i % 9000, 'other', '["lose_weight", "build_muscle"]', 'very_active', now()
from generate_series(1, ${rows}) i`;

/** As the specification has it, but for an identity that is not set, which it would fail on. */
const specificationSql = (schema: string) => `
create function ${schema}.audit_trigger_function() returns trigger language plpgsql as $$
begin
  insert into ${schema}.audit_log (table_name, record_id, operation, old_values, new_values, changed_by)
  values (tg_table_name, coalesce(new.id, old.id), tg_op,
    case when tg_op = 'DELETE' then to_jsonb(old) else null end,
    case when tg_op = 'INSERT' or tg_op = 'UPDATE' then to_jsonb(new) else null end,
    nullif(current_setting('app.current_user_id', true), '')::uuid);
  return coalesce(new, old);
end $$;
create trigger users_audit_trigger after insert or update or delete on ${schema}.users
  for each row execute function ${schema}.audit_trigger_function()`;

const specificationLogSql = (schema: string) => `
create table ${schema}.audit_log (
  id uuid primary key default gen_random_uuid(), table_name varchar(255) not null, record_id uuid not null,
  operation varchar(10) not null check (operation in ('INSERT', 'UPDATE', 'DELETE')),
  old_values jsonb, new_values jsonb, changed_by uuid, changed_at timestamptz default now())`;

/** One function for all tables, both rows whole, the key looked up for each row. */
const genericSql = (schema: string) => `
create function ${schema}.record() returns trigger language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare o jsonb; n jsonb; k text;
begin
  if tg_op <> 'INSERT' then o := to_jsonb(old); end if;
  if tg_op <> 'DELETE' then n := to_jsonb(new); end if;
  select string_agg(coalesce(n, o) ->> a.attname, ',' order by array_position(i.indkey::int2[], a.attnum)) into k
  from pg_index i join pg_attribute a on a.attrelid = i.indrelid and a.attnum = any (i.indkey)
  where i.indrelid = tg_relid and i.indisprimary;
  insert into ${schema}.audit_log (table_name, record_id, operation, old_values, new_values, changed_by)
  values (tg_table_schema || '.' || tg_table_name, k, tg_op, o, n, nullif(current_setting('app.current_user_id', true), '')::uuid);
  return null;
end $$;
create trigger users_audit_trigger after insert or update or delete on ${schema}.users
  for each row execute function ${schema}.record()`;

const contenders = {
  none: "no trigger",
  generated: "generated trigger",
  specification: "the specification's trigger, same log",
  specification_own: "the specification's trigger, its own log",
  generic: "generic trigger, both rows",
} as const;

export async function auditUpdates({ root, serverUrl }: Place): Promise<Benchmark> {
  const database = "bench_audit";
  const url = serverUrl.replace(/\/postgres$/, `/${database}`);
  const admin = postgres(serverUrl, { max: 1, onnotice: () => {} });
  await admin.unsafe(`drop database if exists ${database} with (force)`);
  await admin.unsafe(`create database ${database}`);
  const sql = postgres(url, { max: 1, onnotice: () => {} });
  const files = [
    "010_20240506_add_audit_log.sql",
    "017_20240812_speed_up_audit_operations.sql",
    "018_20240826_speed_up_audit_indexes.sql",
  ];
  const log = files
    .map((file) => readFileSync(join(root, "migrations", file), "utf8"))
    .map((text) => text.split(/-- migrate:(?:up|down)/)[1])
    .join("");
  for (const schema of Object.keys(contenders)) {
    await sql.unsafe(`create schema ${schema}`);
    await sql.unsafe(usersSql(schema));
    if (schema === "specification_own") await sql.unsafe(specificationLogSql(schema));
    else {
      await sql.unsafe(log.replaceAll("shared.", `"${schema}".`));
      // Upkeep makes the leaf of the current month; what goes to the default one costs more.
      await sql.unsafe(`do $$ begin execute format(
        'create table ${schema}.audit_log_now partition of ${schema}.audit_log for values from (%L) to (%L)',
        date_trunc('month', now()), date_trunc('month', now()) + interval '1 month'); end $$`);
    }
  }
  for (const schema of ["specification", "specification_own"]) {
    await sql.unsafe(specificationSql(schema));
  }
  await sql.unsafe(genericSql("generic"));
  await using session = await connectTo(url, { writes: true });
  const { steps } = await planAudit(
    declare(
      "log: generated.audit_log\ndefaults: { bookkeeping: [updated_at] }\ntables: { generated.users: }\n",
    ),
    { session, ownerRole: undefined, ledger: { schema: "public", table: "schema_migrations" } },
  );
  await runSteps(session, steps);
  let statistics = "";
  const counting = postgres(url, {
    max: 1,
    connection: { log_statement_stats: true, client_min_messages: "log" },
    onnotice: ({ detail }) => (statistics = detail ?? statistics),
  });
  const reset = async (schema: string) => {
    await sql.unsafe(`truncate ${schema}.audit_log`);
    await sql.unsafe(`vacuum full ${schema}.users`);
    await sql.unsafe("checkpoint");
  };
  const update = (schema: string) =>
    `update ${schema}.users set bio = bio || '!', updated_at = now()`;
  const contender = (schema: keyof typeof contenders): Contender => ({
    name: contenders[schema],
    before: () => reset(schema),
    command: "psql",
    args: ["-qX", "-v", "ON_ERROR_STOP=1", "-d", url, "-c", update(schema)],
  });
  return {
    title: `${rows} updates of two columns of sixteen in one statement`,
    runs: 2,
    contenders: (Object.keys(contenders) as (keyof typeof contenders)[]).map(contender),
    targets: [
      "the generated trigger faster, with a smaller log, than the specification's and the generic one on the same log",
    ],
    async remarks() {
      const lines: string[] = [];
      for (const [schema, name] of Object.entries(contenders)) {
        await reset(schema);
        await counting.unsafe(update(schema));
        // The processor's time tells more than the clock where others work at the same time.
        const cpu = /([\d.]+) s user, ([\d.]+) s system/.exec(statistics);
        const [row] = await sql.unsafe<{ bytes: string; entries: string }[]>(
          `select coalesce(sum(pg_total_relation_size(relid)), pg_total_relation_size('${schema}.audit_log')) as bytes,
                  (select count(*) from ${schema}.audit_log) as entries
           from pg_partition_tree('${schema}.audit_log') where isleaf`,
        );
        if (Number(row?.entries) !== (schema === "none" ? 0 : rows)) {
          throw new Error(`${schema} has ${row?.entries} entries`);
        }
        const size = (Number(row?.bytes) / 1e6).toFixed(1);
        lines.push(`${name}: ${size} MB of log, ${cpu?.[1]} s of the server's processor`);
      }
      return lines;
    },
    async cleanUp() {
      await sql.end();
      await counting.end();
      await admin.unsafe(`drop database if exists ${database} with (force)`);
      await admin.end();
    },
  };
}
