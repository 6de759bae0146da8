import type postgres from "postgres";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { TestDatabase } from "../support/database.ts";
import { connectTo, fitnessHubSchemas, withFitnessHub } from "../support/fitnesshub.ts";

let hub: TestDatabase;
let sql: postgres.Sql;

beforeAll(async () => {
  hub = await withFitnessHub();
  sql = connectTo(hub);
});

afterAll(async () => {
  await sql?.end();
  await hub?.[Symbol.asyncDispose]();
});

describe("house rules", () => {
  /** Relations and functions of FitnessHub; extensions live in public. */
  const inSchemas = (column: string) => `${column} = any (array(select oid from pg_namespace
    where nspname in (${fitnessHubSchemas.map((name) => `'${name}'`).join(", ")})))`;

  const names = async (query: string) =>
    (await sql.unsafe<{ name: string }[]>(query)).map(({ name }) => name);

  test("every schema, table, view, column and function has a comment; leaves have their parent's", async () => {
    const uncommented = await names(`
      select 'schema ' || nspname as name from pg_namespace
      where ${inSchemas("oid")} and obj_description(oid, 'pg_namespace') is null
      union all
      select 'relation ' || relname from pg_class
      where ${inSchemas("relnamespace")} and relkind in ('r', 'p', 'v', 'm', 'S') and not relispartition
        and obj_description(oid, 'pg_class') is null
      union all
      select 'column ' || relname || '.' || attname from pg_attribute join pg_class c on c.oid = attrelid
      where ${inSchemas("relnamespace")} and relkind in ('r', 'p', 'v', 'm') and not relispartition
        and attnum > 0 and not attisdropped and col_description(attrelid, attnum) is null
      union all
      select 'function ' || proname from pg_proc
      where ${inSchemas("pronamespace")} and obj_description(oid, 'pg_proc') is null`);
    expect(uncommented).toEqual([]);
  });

  test("everything belongs to the owner, who cannot log in", async () => {
    const owners = await names(`
      select distinct pg_get_userbyid(owner) || ' ' || rolcanlogin || ' ' || rolbypassrls as name
      from (select relowner from pg_class where ${inSchemas("relnamespace")}
            union all select proowner from pg_proc where ${inSchemas("pronamespace")}
            union all select nspowner from pg_namespace where ${inSchemas("oid")}) as object (owner)
      join pg_roles r on r.oid = owner`);
    expect(owners).toEqual(["fitnesshub_owner false true"]);
  });

  test("PUBLIC may use, read and call nothing", async () => {
    const granted = await names(`
      select 'schema ' || nspname as name
      from pg_namespace, aclexplode(coalesce(nspacl, acldefault('n', nspowner)))
      where ${inSchemas("pg_namespace.oid")} and grantee = 0
      union all
      select 'relation ' || relname from pg_class, aclexplode(relacl)
      where ${inSchemas("relnamespace")} and grantee = 0
      union all
      select 'function ' || proname from pg_proc, aclexplode(coalesce(proacl, acldefault('f', proowner)))
      where ${inSchemas("pronamespace")} and grantee = 0`);
    expect(granted).toEqual([]);
  });

  test("SECURITY DEFINER functions fix their search_path, with pg_temp last", async () => {
    const settings = await names(`
      select proname || ' ' || (select setting from unnest(proconfig) setting where setting like 'search_path=%') as name
      from pg_proc where ${inSchemas("pronamespace")} and prosecdef order by 1`);
    expect(settings).toEqual(
      [
        "count_share",
        "fill_post_created_at",
        "find_login",
        "guard_email",
        "refresh_post_counts",
      ].map((name) => `${name} search_path=pg_catalog, pg_temp`),
    );
  });

  test("every foreign key has an index that begins with its columns", async () => {
    const bare = await names(`
      select conrelid::regclass || ' ' || conname as name
      from pg_constraint c
      where contype = 'f' and conparentid = 0 and ${inSchemas("connamespace")}
        and not exists (
          select from pg_index i
          where i.indrelid = c.conrelid and i.indisvalid and i.indpred is null
            and (i.indkey::int2[])[0:cardinality(c.conkey) - 1] @> c.conkey)`);
    expect(bare).toEqual([]);
  });

  test("no index equals another, or a unique one's beginning", async () => {
    const covered = await names(`
      select a.indexrelid::regclass || ' by ' || b.indexrelid::regclass as name
      from pg_index a
      join pg_index b on a.indrelid = b.indrelid and a.indexrelid <> b.indexrelid
      join pg_class ac on ac.oid = a.indexrelid
      join pg_class bc on bc.oid = b.indexrelid and bc.relam = ac.relam
      where ${inSchemas("ac.relnamespace")} and not a.indisunique
        and coalesce(pg_get_expr(a.indpred, a.indrelid), '') = coalesce(pg_get_expr(b.indpred, b.indrelid), '')
        and coalesce(pg_get_expr(a.indexprs, a.indrelid), '') = coalesce(pg_get_expr(b.indexprs, b.indrelid), '')
        and (b.indkey::int2[])[0:a.indnkeyatts - 1] = (a.indkey::int2[])[0:a.indnkeyatts - 1]
        and (b.indoption::int2[])[0:a.indnkeyatts - 1] = (a.indoption::int2[])[0:a.indnkeyatts - 1]
        and (b.indisunique or b.indnkeyatts = a.indnkeyatts)`);
    expect(covered).toEqual([]);
  });

  test("names are unique across the schemas, so a search_path finds the right one", async () => {
    const twice = await names(`
      select relname as name from pg_class where ${inSchemas("relnamespace")} and relkind in ('r', 'p', 'v', 'm')
      group by relname having count(*) > 1`);
    expect(twice).toEqual([]);
  });

  test("every table with updated_at has the trigger that sets it", async () => {
    const without = await names(`
      select attrelid::regclass::text as name from pg_attribute join pg_class c on c.oid = attrelid
      where ${inSchemas("relnamespace")} and relkind in ('r', 'p') and attname = 'updated_at'
        and not exists (select from pg_trigger where tgrelid = c.oid and tgfoid = 'set_updated_at'::regproc)`);
    expect(without).toEqual([]);
  });
});
