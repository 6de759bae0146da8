/** A project of materialized views that read each other, and a gate in one of them. */
import { type MigrationProject, migration, withMigrations } from "./migration-project.ts";

/** One advisory lock: whoever refreshes `gated` waits until nobody else holds it. */
const gate = 42;

export interface MatviewProject extends MigrationProject {
  /** Runs `matviews refresh --json` and gives each view's state, in the order of their ends. */
  refresh(...args: string[]): Promise<Record<string, string>>;
  /** Changes tables and lets the counters know at once, which takes a session up to a minute otherwise. */
  change(sql: string): Promise<void>;
  /** Until it is disposed, a refresh of `gated` waits in the middle. */
  closeGate(): Promise<AsyncDisposable>;
  /** The backend that waits at the gate. */
  findWaiting(): Promise<number | undefined>;
}

const up = `
create schema app;
create table app.sales (id int primary key, shop text, amount int, sold_at timestamptz default '2024-01-15 12:00+00')
  partition by range (id);
create table app.sales_low partition of app.sales for values from (0) to (100);
create table app.sales_high partition of app.sales for values from (100) to (200);
create table app.shops (name text primary key, city text);
insert into app.shops values ('north', 'Oslo'), ('south', 'Rome');
insert into app.sales (id, shop, amount) select n, case when n % 2 = 0 then 'north' else 'south' end, n
  from generate_series(1, 150) n;

-- A chain of four, with a plain view between.
create materialized view app."Totals" as select shop, sum(amount) as total from app.sales group by shop;
create unique index totals_shop on app."Totals" (shop);
create materialized view app.ranks as select shop, total, rank() over (order by total desc) as rank from app."Totals";
create unique index ranks_shop on app.ranks (shop);
create view app.winners as select shop, total from app.ranks where rank = 1;
create materialized view app.best as select w.shop, w.total, s.city from app.winners w join app.shops s on s.name = w.shop;
create unique index best_shop on app.best (shop);
create materialized view app.a_report as select 'best: ' || shop || ' ' || total as line from app.best;

-- Independent of it.
create materialized view app.cities as select distinct city from app.shops with no data;
create unique index cities_city on app.cities (city);
create function app.pass() returns int language plpgsql immutable as
  $$ begin perform pg_advisory_xact_lock_shared(${gate}); return 1; end $$;
create materialized view app.gated as select count(*) as shops, app.pass() as pass from app.shops;
create unique index gated_shops on app.gated (shops);
`;

export async function withMatviews(): Promise<MatviewProject> {
  const project = await withMigrations({
    "001_create_views.sql": migration(up, "drop schema app cascade;"),
  });
  await project.mustRun(["migrate"]);
  const { sql } = project;
  return {
    ...project,
    async refresh(...args) {
      const { body, stderr } = await project.json(["matviews", "refresh", ...args]);
      const views = body.result?.views as { view: string; state: string }[] | undefined;
      if (!views) throw new Error(stderr);
      return Object.fromEntries(views.map(({ view, state }) => [view, state]));
    },
    async change(text) {
      const session = await sql.reserve();
      await session.unsafe(text);
      await session`select pg_stat_force_next_flush()`;
      session.release();
    },
    async closeGate() {
      const session = await sql.reserve();
      await session`select pg_advisory_lock(${gate})`;
      return {
        async [Symbol.asyncDispose]() {
          await session`select pg_advisory_unlock(${gate})`;
          session.release();
        },
      };
    },
    async findWaiting() {
      const [row] = await sql<{ pid: number }[]>`
        select pid from pg_locks where locktype = 'advisory' and objid = ${gate} and not granted
          and database = (select oid from pg_database where datname = current_database())`;
      return row?.pid;
    },
  };
}
