import { describe, expect, it } from "vitest";
import { connectTo } from "../../support/fitnesshub.ts";
import { withShop } from "./shop.ts";

describe("policies apply", () => {
  it("brings everything about, after which plan is empty and check is content", async () => {
    await using shop = await withShop();
    await shop.mustRun(["migrate"]);
    const before = await shop.run(["policies", "check"]);
    expect(before.code).toBe(1);
    const applied = await shop.run(["policies", "apply"]);
    expect(applied).toMatchObject({ code: 0 });
    expect(applied.stdout).toMatch(/^Ran \d+ statements/);
    expect(await shop.drift()).toEqual([]);
    expect(await shop.run(["policies", "check"])).toMatchObject({ code: 0 });
    expect((await shop.run(["policies", "apply"])).stdout).toMatch(/^Nothing to do/);
  });

  it("runs exactly what plan prints, also by hand", async () => {
    await using shop = await withShop();
    await shop.mustRun(["migrate"]);
    const { stdout } = await shop.run(["policies", "plan"]);
    const { stdout: dry } = await shop.run(["policies", "apply", "--dry-run"]);
    expect(dry).toBe(stdout);
    const sql = connectTo(shop.database, 1);
    await sql.unsafe(stdout).simple();
    await sql.end();
    expect(await shop.drift()).toEqual([]);
  });

  it("gives leaves row level security without a policy and takes their rights", async () => {
    await using shop = await withShop();
    await shop.mustRun(["migrate"]);
    await shop.mustRun(["policies", "apply"]);
    const [leaf] = await shop.sql`
      select relrowsecurity, relforcerowsecurity, has_table_privilege(${shop.role("app")}, oid, 'SELECT') as granted
      from pg_class where oid = 'shop.orders_2024'::regclass`;
    expect(leaf).toEqual({ relrowsecurity: true, relforcerowsecurity: true, granted: false });
  });
});

interface Drift {
  readonly name: string;
  readonly sql: string;
  /** What the plan says. */
  readonly says: string | RegExp;
  /** It exists only in the database: apply without --prune leaves it, with exit 1 where it gives somebody more. */
  readonly extra?: "security" | "other";
}

const drifts: readonly Drift[] = [
  // Before the role becomes a superuser below, who grants as the owner.
  {
    name: "a grant option that was used",
    sql: `grant usage on schema "Odd Schema" to $app with grant option; set role $app;
      grant usage on schema "Odd Schema" to $login; reset role`,
    says: 'schema "Odd Schema": $app has granted USAGE on',
    extra: "security",
  },
  {
    name: "a policy's expression",
    sql: `alter policy own on shop.customers using (true)`,
    says: "shop.customers: policy own: USING is true",
  },
  {
    name: "a policy's roles",
    sql: `alter policy own on shop.orders to public`,
    says: "shop.orders: policy own: it is for PUBLIC",
  },
  {
    name: "a policy that is gone",
    sql: `drop policy "change own" on shop.customers`,
    says: 'shop.customers: policy "change own" is not there',
  },
  {
    name: "a policy of another kind",
    sql: `drop policy never_old on shop.orders; create policy never_old on shop.orders using (at > date '2000-01-01')`,
    says: "shop.orders: policy never_old is permissive",
  },
  {
    name: "a policy too many",
    sql: `create policy peek on shop.orders for select using (true)`,
    says: "shop.orders: policy peek is not declared",
    extra: "security",
  },
  {
    name: "a policy on a leaf",
    sql: `create policy peek on shop.orders_2024 for select using (true)`,
    says: "shop.orders_2024: policy peek is not declared",
    extra: "security",
  },
  {
    name: "FORCE missing",
    sql: `alter table shop.customers no force row level security`,
    says: "shop.customers: row level security is on",
  },
  {
    name: "a leaf without row level security",
    sql: `alter table shop.orders_2024 disable row level security`,
    says: /^shop\.orders_2024: the policies of the partitioned table do not hold/,
  },
  {
    name: "a right too many",
    sql: `grant truncate on shop.customers to $login`,
    says: "shop.customers: $login: TRUNCATE is not declared",
    extra: "security",
  },
  {
    name: "a right that the files revoke",
    sql: `grant delete on shop.customers to $app`,
    says: "shop.customers: $app: DELETE is revoked",
  },
  {
    name: "a right on a leaf",
    sql: `grant select on shop.orders_2024 to $app`,
    says: "shop.orders_2024: $app: SELECT on the partition by name",
  },
  {
    name: "a right to PUBLIC",
    sql: `grant select on shop.emails to public`,
    says: "shop.emails: PUBLIC: SELECT is not declared",
    extra: "security",
  },
  {
    name: "a column's right too many",
    sql: `grant update (id) on "Odd Schema"."order" to $app`,
    says: '"Odd Schema"."order": $app: UPDATE (id) is not declared',
    extra: "security",
  },
  {
    name: "a right missing",
    sql: `revoke select on "Odd Schema"."order" from $app`,
    says: '"Odd Schema"."order": $app: no SELECT',
  },
  {
    name: "the grant option",
    sql: `grant usage on schema shop to $app with grant option`,
    says: "schema shop: $app may grant USAGE on",
  },
  {
    name: "EXECUTE for PUBLIC",
    sql: `grant execute on function shop.total(int) to public`,
    says: "shop.total(customer integer): PUBLIC: EXECUTE is revoked",
  },
  {
    name: "CONNECT for PUBLIC",
    sql: `do $do$ begin execute format('grant connect on database %I to public', current_database()); end $do$`,
    says: /^database .*: PUBLIC: CONNECT is revoked$/,
  },
  {
    name: "a default right too many",
    sql: `alter default privileges for role $owner in schema shop grant truncate on tables to $app`,
    says: /^role \$owner: \$app would have TRUNCATE on tables .* not declared$/,
    extra: "security",
  },
  {
    name: "a default right missing",
    sql: `alter default privileges for role $owner in schema shop revoke delete on tables from $app`,
    says: /^role \$owner: \$app would have no DELETE on tables/,
  },
  {
    name: "a membership too many",
    sql: `grant pg_read_all_data to $app`,
    says: "role pg_read_all_data: $app is a member, which is not declared",
    extra: "security",
  },
  {
    name: "a membership missing",
    sql: `revoke $app from $login`,
    says: "role $app: $login is no member",
  },
  {
    name: "an attribute",
    sql: `alter role $app superuser`,
    says: "role $app: it is not NOSUPERUSER",
  },
  {
    name: "a setting of a role in this database",
    sql: `do $do$ begin execute format('alter role $login in database %I set search_path = pg_temp', current_database()); end $do$`,
    says: "role $login: search_path is pg_temp",
  },
  {
    name: "an identity for every session",
    sql: `do $do$ begin execute format('alter database %I set app."user" = 1', current_database()); end $do$`,
    says: /^database .*: app[.]user is 1, which is not declared$/,
    extra: "security",
  },
  {
    name: "a right to set a parameter",
    sql: `grant set on parameter session_replication_role to $app`,
    says: "role $app: $app may SET session_replication_role, which is not declared",
    extra: "security",
  },
  {
    name: "a setting too many",
    sql: `alter role $login set work_mem = '1MB'`,
    says: "role $login: work_mem is 1MB, which is not declared",
    extra: "other",
  },
];

// All at once in one database, as every command takes its time: none of them touches another's object.
describe("policies check", () => {
  it("finds every kind of drift, and apply mends it", async () => {
    await using shop = await withShop();
    const named = (text: string) =>
      text.replaceAll(/\$(app|owner|login)/g, (_, name: string) => shop.role(name));
    const isSaid = ({ says }: Drift, found: readonly string[]) =>
      found.some((line) =>
        typeof says === "string" ? line === named(says) : new RegExp(named(says.source)).test(line),
      );
    await shop.mustRun(["migrate"]);
    await shop.mustRun(["policies", "apply"]);
    for (const { sql } of drifts) await shop.sql.unsafe(named(sql));

    const found = await shop.drift();
    expect(
      drifts.filter((one) => !isSaid(one, found)).map(({ name }) => name),
      found.join("\n"),
    ).toEqual([]);
    // A policy of another kind is dropped and created; who has a right by an option has one too many.
    expect(found.length).toBe(drifts.length + 2);
    const check = await shop.json(["policies", "check"]);
    expect(check.code).toBe(1);
    expect(check.body.findings.length).toBeGreaterThan(20);

    const plain = await shop.run(["policies", "apply"]);
    expect(plain.code, plain.stderr).toBe(1);
    const left = await shop.drift();
    const extras = drifts.filter(({ extra }) => extra);
    expect(extras.filter((one) => !isSaid(one, left)).map(({ name }) => name)).toEqual([]);
    expect(left).toHaveLength(extras.length + 1);

    await shop.mustRun(["policies", "apply", "--prune"]);
    expect(await shop.drift()).toEqual([]);
    expect(await shop.run(["policies", "check"])).toMatchObject({ code: 0 });
  });

  it("tells whose an object has become", async () => {
    await using shop = await withShop();
    await shop.mustRun(["migrate"]);
    await shop.mustRun(["policies", "apply"]);
    await shop.sql.unsafe(`alter table shop.customers owner to ${shop.role("login")}`);
    const { code, body } = await shop.json(["policies", "check"]);
    expect(code).toBe(1);
    expect(body.findings.map(({ message }: { message: string }) => message)).toContain(
      `shop.customers belongs to ${shop.role("login")} and not to ${shop.role("owner")}`,
    );
  });

  it("lets an extra that gives nobody more stand with exit 0", async () => {
    await using shop = await withShop();
    await shop.mustRun(["migrate"]);
    await shop.mustRun(["policies", "apply"]);
    await shop.sql.unsafe(`alter role ${shop.role("login")} set work_mem = '1MB'`);
    expect(await shop.run(["policies", "apply"])).toMatchObject({ code: 0 });
    expect(await shop.drift()).toHaveLength(1);
  });
});
