/**
 * Migrations without a way back: what is proposed is written down here word by word, and then put
 * into the files, whose rollbacks must be found to restore the schema.
 */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { serverUrl } from "../../support/database.ts";
import type { MigrationProject } from "../../support/migration-project.ts";
import { withMigrations } from "../../support/migration-project.ts";

interface Case {
  readonly up: string;
  /** The proposed section; absent where none can be inferred. */
  readonly down?: string;
  /** Words of the reason, or of the warnings. */
  readonly says?: readonly string[];
  /** Re-added columns stand at the end. */
  readonly isOrderLost?: boolean;
}

const cases: Record<string, Case> = {
  "001_two_tables.sql": {
    up: `create schema shop;
create type shop.state as enum ('new', 'paid');
create domain shop.name as text check (value <> '');
create table shop.customers (id bigint generated always as identity primary key, favourite bigint);
create table shop.orders (
  id serial primary key,
  customer bigint not null references shop.customers,
  state shop.state not null default 'new',
  total numeric(10, 2) not null default 0,
  note text,
  "Placed At" timestamptz not null default now());
alter table shop.customers add foreign key (favourite) references shop.orders (id);
create function shop.paid() returns bigint language sql stable as 'select 1::bigint';
create view shop.totals as select 1 as first;`,
    down: `DROP VIEW shop.totals;
DROP TABLE shop.customers, shop.orders;
DROP FUNCTION shop.paid();
DROP TYPE shop.state;
DROP DOMAIN shop.name;
DROP SCHEMA shop;`,
  },
  "002_column_check_index.sql": {
    up: `alter table shop.orders add column paid_at timestamptz, add constraint total_positive check (total >= 0);
create index orders_paid_idx on shop.orders (paid_at) where paid_at is not null;
comment on column shop.orders.note is 'for the courier';`,
    down: `DROP INDEX shop.orders_paid_idx;
ALTER TABLE shop.orders DROP CONSTRAINT total_positive;
ALTER TABLE shop.orders DROP COLUMN paid_at;
COMMENT ON COLUMN shop.orders.note IS NULL;`,
  },
  "003_concurrently.sql": {
    up: "create index concurrently orders_customer_idx on shop.orders (customer);",
    down: "DROP INDEX CONCURRENTLY shop.orders_customer_idx;",
  },
  "004_renames.sql": {
    up: `alter table shop.orders rename column note to remark;
alter table shop.orders rename constraint total_positive to total_not_negative;
alter table shop.customers rename to clients;
alter index shop.orders_customer_idx rename to orders_client_idx;
alter type shop.state rename value 'new' to 'open';
create schema archive;
alter table shop.orders set schema archive;`,
    down: `ALTER TABLE archive.orders SET SCHEMA shop;
ALTER TYPE shop.state RENAME VALUE 'open' TO 'new';
ALTER INDEX shop.orders_client_idx RENAME TO orders_customer_idx;
ALTER TABLE shop.clients RENAME TO customers;
ALTER TABLE shop.orders RENAME CONSTRAINT total_not_negative TO total_positive;
ALTER TABLE shop.orders RENAME COLUMN remark TO note;
DROP SCHEMA archive;`,
  },
  "005_nulls_and_defaults.sql": {
    up: `alter table archive.orders alter column total drop default, alter column total drop not null,
  alter column remark set default 'none', alter column remark set not null;`,
    down: `ALTER TABLE archive.orders ALTER COLUMN total SET DEFAULT 0;
ALTER TABLE archive.orders ALTER COLUMN total SET NOT NULL;
ALTER TABLE archive.orders ALTER COLUMN remark DROP DEFAULT;
ALTER TABLE archive.orders ALTER COLUMN remark DROP NOT NULL;`,
    says: ["archive.orders.total has rows without a value"],
  },
  "006_narrower_type.sql": {
    up: "alter table archive.orders alter column remark type varchar(200);",
    down: `ALTER TABLE archive.orders ALTER COLUMN remark DROP DEFAULT;
ALTER TABLE archive.orders ALTER COLUMN remark TYPE text;
ALTER TABLE archive.orders ALTER COLUMN remark SET DEFAULT 'none'::text;`,
    says: ["fails while archive.orders.remark has values that are no text"],
  },
  "007_changed_twice.sql": {
    up: "alter table shop.clients add column age int;\nalter table shop.clients alter column age type text;\ncreate table shop.ages (age int);",
    down: "DROP TABLE shop.ages;\nALTER TABLE shop.clients DROP COLUMN age;",
  },
  "008_type_with_a_cast.sql": {
    up: "alter table shop.ages alter column age type text;",
    down: "ALTER TABLE shop.ages ALTER COLUMN age TYPE integer USING age::integer;",
    says: ["become integer by a cast"],
  },
  "009_view_with_more.sql": {
    up: "create or replace view shop.totals as select 1 as first, 2 as second;",
    down: `DROP VIEW shop.totals;
CREATE VIEW shop.totals AS
 SELECT 1 AS first;`,
  },
  "010_table_dropped.sql": {
    up: "drop view shop.totals;\ndrop table shop.ages;",
    down: `CREATE TABLE shop.ages (
    age text
);
CREATE VIEW shop.totals AS
 SELECT 1 AS first,
    2 AS second;`,
    says: ["the rows of shop.ages do not come back"],
  },
  "011_column_dropped.sql": {
    up: "alter table archive.orders drop column remark;",
    down: "ALTER TABLE archive.orders ADD COLUMN remark varchar(200) NOT NULL DEFAULT 'none'::text;\nCOMMENT ON COLUMN archive.orders.remark IS 'for the courier';",
    says: ["the values of archive.orders.remark do not come back"],
    isOrderLost: true,
  },
  "012_value_added.sql": {
    up: "alter type shop.state add value 'sent';",
    says: ["values of type shop.state cannot be taken out again"],
  },
  "013_rows_only.sql": {
    up: "update shop.clients set favourite = null;",
    says: [
      "how rows were before `update shop.clients set favourite = null` in line 2 is not known",
    ],
  },
  "014_trigger_policy_rights.sql": {
    up: `create function shop.stamp() returns trigger language plpgsql as $$ begin return new; end $$;
create trigger stamp before insert on shop.clients for each row execute function shop.stamp();
alter table shop.clients enable row level security;
create policy own on shop.clients for select using (id > 0);
grant select on shop.clients to public;`,
    down: `DROP POLICY own ON shop.clients;
DROP TRIGGER stamp ON shop.clients;
DROP FUNCTION shop.stamp();
ALTER TABLE shop.clients DISABLE ROW LEVEL SECURITY;
REVOKE SELECT ON TABLE shop.clients FROM PUBLIC;`,
  },
  "015_serial_and_partitions.sql": {
    up: `alter table shop.clients add column number serial;
create table shop.log (at date not null, text text) partition by range (at);
create table shop.log_2024 partition of shop.log for values from ('2024-01-01') to ('2025-01-01');
insert into shop.log values ('2024-02-02', 'x');`,
    down: `DROP TABLE shop.log, shop.log_2024;
ALTER TABLE shop.clients DROP COLUMN number;`,
    says: ["what `insert into shop.log values ('2024-02-02', 'x')` in line 5 did is not undone"],
  },
  "016_function_changed.sql": {
    up: "create or replace function shop.paid() returns bigint language sql stable as 'select 2::bigint';",
    down: `CREATE OR REPLACE FUNCTION shop.paid()
 RETURNS bigint
 LANGUAGE sql
 STABLE
AS $function$select 1::bigint$function$;`,
    says: [],
  },
  "017_partitions.sql": {
    up: `create table shop.days (at date not null, n int, note text, primary key (at)) partition by range (at);
create table shop.days_2024 partition of shop.days for values from ('2024-01-01') to ('2025-01-01');
create index days_n on shop.days (n);
alter table shop.days add constraint few check (n < 9), add unique (at, n);`,
    down: "DROP TABLE shop.days, shop.days_2024;",
  },
  "018_partitions_changed.sql": {
    up: `drop index shop.days_n;
create index days_note on shop.days (note);
alter table shop.days drop constraint few, drop constraint days_at_n_key;
alter table shop.days add column more int default 1, add check (n > 0), alter note set default 'x', add unique (at, note);`,
    down: `DROP INDEX shop.days_note;
ALTER TABLE shop.days DROP CONSTRAINT days_at_note_key;
ALTER TABLE shop.days DROP CONSTRAINT days_n_check;
ALTER TABLE shop.days DROP COLUMN more;
ALTER TABLE shop.days ALTER COLUMN note DROP DEFAULT;
ALTER TABLE shop.days ADD CONSTRAINT days_at_n_key UNIQUE (at, n);
ALTER TABLE shop.days ADD CONSTRAINT few CHECK ((n < 9));
CREATE INDEX days_n ON ONLY shop.days USING btree (n);
CREATE INDEX days_2024_n_idx ON shop.days_2024 USING btree (n);
ALTER INDEX shop.days_n ATTACH PARTITION shop.days_2024_n_idx;`,
  },
  "019_compression.sql": {
    up: "alter table shop.clients alter column age set compression pglz;",
    down: "ALTER TABLE shop.clients ALTER COLUMN age SET COMPRESSION default;",
  },
  "020_summary.sql": {
    up: "create materialized view shop.ages as select count(*) as n from shop.clients;",
    down: "DROP MATERIALIZED VIEW shop.ages;",
  },
  // It must come back with its rows: without them, whoever reads it gets an error.
  "021_summary_dropped.sql": {
    up: "drop materialized view shop.ages;",
    down: `CREATE MATERIALIZED VIEW shop.ages AS
 SELECT count(*) AS n
   FROM shop.clients;`,
  },
};

const env = { TEST_DATABASE_URL: serverUrl() };
let project: MigrationProject;
let found: Map<string, { verdict: string; proposal: Record<string, unknown> }>;

beforeAll(async () => {
  project = await withMigrations(
    Object.fromEntries(
      Object.entries(cases).map(([name, { up }]) => [name, `-- migrate:up\n${up}\n`]),
    ),
  );
  const { body, stdout } = await project.json(["test"], { env });
  if (body.error) throw new Error(stdout);
  found = new Map(body.result.migrations.map((one: { file: string }) => [one.file, one]));
});

afterAll(async () => {
  await project[Symbol.asyncDispose]();
});

const entries = Object.entries(cases);

describe("a missing down section", () => {
  test.each(entries.filter(([, { down }]) => down !== undefined))(
    "is proposed for %s",
    (name, { down, says, isOrderLost }) => {
      const one = found.get(name);
      expect(one?.verdict).toBe("no way back");
      expect(one?.proposal).toMatchObject({
        sql: `${down}\n`,
        restores: isOrderLost ? "all but the order of columns" : "everything",
      });
      const warnings = one?.proposal["warnings"] as string[];
      const expected = (says ?? []).map((words) => expect.stringContaining(words));
      expect(warnings).toEqual(expected);
    },
  );

  test.each(entries.filter(([, { down }]) => down === undefined))(
    "is not made up for %s",
    (name, { says }) => {
      const one = found.get(name);
      expect(one?.verdict).toBe("no way back");
      expect(one?.proposal).toEqual({ reason: expect.stringContaining(says?.[0] ?? "") });
    },
  );

  test("is right: written into the files, it restores the schema", async () => {
    for (const [name, { up, down, says }] of Object.entries(cases)) {
      const end =
        down === undefined ? `-- irreversible: ${says?.[0]}\n` : `-- migrate:down\n${down}\n`;
      await project.write(name, `-- migrate:up\n${up}\n${end}`);
    }
    const { code, body } = await project.json(["test", "--fail-on", "error"], { env });
    expect(body.findings.map(({ message }: { message: string }) => message)).toEqual([
      expect.stringContaining("011_column_dropped.sql` restores all but the order of columns"),
    ]);
    expect(code).toBe(0);
  });
});
