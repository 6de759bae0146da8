/** What pgwright makes in its own schema is for the owner alone, whatever ALTER DEFAULT PRIVILEGES gives to others. */
import { literal } from "./identifier.ts";

/** What was made a moment ago, in the same transaction. */
export interface MadeNow {
  /** The schema `pgwright` itself. */
  readonly schema?: boolean;
  /** Tables in it, as SQL; sequences of their columns belong to them. */
  readonly tables: readonly string[];
}

/** A PL/pgSQL block that takes these rights away; what is granted on purpose is granted after it. */
export function ownerAloneBlock({ schema = false, tables }: MadeNow): string {
  const list = tables.map((table) => `${literal(table)}::regclass`).join(", ");
  const ofSchema = `select format('schema %I', n.nspname) as made, a.grantee
      from pg_namespace n cross join lateral aclexplode(nullif(n.nspacl, '{}')) a
      where n.nspname = 'pgwright' and a.grantee <> n.nspowner
      union `;
  return `declare
    pgwright_right record;
  begin
    for pgwright_right in
      ${schema ? ofSchema : ""}select format('%s %s', case c.relkind when 'S' then 'sequence' else 'table' end, c.oid::regclass) as made, a.grantee
      from unnest(array[${list}]::regclass[]) as made (relid)
      join pg_class c on c.oid = relid or c.relkind = 'S' and exists (
        select from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = c.oid
          and d.refclassid = 'pg_class'::regclass and d.refobjid = relid and d.deptype in ('a', 'i'))
      cross join lateral aclexplode(nullif(c.relacl, '{}')) a
      where a.grantee <> c.relowner
    loop
      execute format('revoke all on %s from %s', pgwright_right.made,
        case pgwright_right.grantee when 0 then 'public' else pgwright_right.grantee::regrole::text end);
    end loop;
  end`;
}

/** The same as a statement. */
export function ownerAloneSql(made: MadeNow): string {
  return `do $own$ ${ownerAloneBlock(made)} $own$`;
}
