/** DO blocks of the migration: what can be known only where it runs. */
import { ident, literal } from "../../../db/identifier.ts";
import type { Adoption } from "./adoption.ts";
import listInventory from "./inventory.sql";

// Those of schema/begin.sql that what is printed here depends on.
const readingSettings = {
  search_path: "",
  timezone: "UTC",
  datestyle: "ISO, MDY",
  intervalstyle: "postgres",
};
const settings = Object.keys(readingSettings);

/**
 * Compares the table with what the migration was written for. A policy, trigger, grant or index that
 * came in between would stay behind on the filled partition, and rows be open that should not be.
 * Definitions are compared on the same major version only: others print some of them differently.
 */
export function guardBlock(adoption: Adoption): string {
  const { bounds, facts, inventory, majorVersion, request, table } = adoption;
  const ignored = (facts.policyTriggers ?? []).map((name) => `trigger ${ident(name)}`);
  const isIgnored =
    ignored.length === 0
      ? ""
      : `\n        WHERE i.thing NOT IN (${ignored.map((thing) => literal(thing)).join(", ")})`;
  const expected = inventory
    .filter(({ thing }) => !ignored.includes(thing))
    .map(({ thing, definition }) => `(${literal(thing)}, ${literal(definition)})`)
    .join(",\n          ");
  const query = listInventory
    .replace(/^--.*\n/gm, "")
    .trim()
    .replaceAll("$1::oid", `${literal(table)}::regclass`)
    .replaceAll("\n", "\n        ");
  const body = `DECLARE
    ${settings.map((name) => `${name}_before text := current_setting('${name}')`).join(";\n    ")};
    changed text;
BEGIN
    IF now() >= ${literal(bounds.deadline)} THEN
        RAISE EXCEPTION USING
            MESSAGE = ${literal(`this migration had to be applied before ${bounds.deadline}`)},
            HINT = ${literal(`write it again with pgwright new --partition: from ${bounds.endShown} on it would refuse new rows`)};
    END IF;
    -- Names come out in full and times in UTC, as they did when this was written.
    ${Object.entries(readingSettings)
      .map(([name, value]) => `PERFORM set_config('${name}', ${literal(value)}, true)`)
      .join(";\n    ")};
    WITH now_there (thing, definition) AS (
        ${
          isIgnored === ""
            ? query
            : `SELECT * FROM (
        ${query}
        ) i${isIgnored}`
        }
    ), expected (thing, definition) AS (
        VALUES
          ${expected}
    )
    SELECT string_agg(CASE WHEN e.thing IS NULL THEN 'new: ' WHEN n.thing IS NULL THEN 'gone: ' ELSE 'changed: ' END
        || coalesce(e.thing, n.thing), '; ' ORDER BY coalesce(e.thing, n.thing))
    INTO changed
    FROM now_there n FULL JOIN expected e ON e.thing = n.thing
    WHERE e.thing IS NULL OR n.thing IS NULL
       OR current_setting('server_version_num')::int / 10000 = ${majorVersion}
      AND e.definition <> left(md5(n.definition), 8);
    ${settings.map((name) => `PERFORM set_config('${name}', ${name}_before, true)`).join(";\n    ")};
    IF changed IS NOT NULL THEN
        RAISE EXCEPTION USING
            MESSAGE = ${literal(`${table} is not the table this migration was written for: `)} || changed,
            HINT = ${literal(`write it again with pgwright new --partition ${table} --by range:${request.column}`)};
    END IF;
END`;
  return `DO ${dollarQuote(body)}`;
}

/** Takes away what default privileges have given to new tables: partitions are reached through the parent. */
export function revokeDefaults(tables: readonly string[]): string {
  const names = tables.map((name) => `${literal(name)}::regclass`).join(", ");
  const body = `DECLARE
    one record;
BEGIN
    FOR one IN
        SELECT DISTINCT c.oid::regclass AS relation, a.grantee
        FROM pg_class c CROSS JOIN LATERAL aclexplode(c.relacl) a
        WHERE c.oid IN (${names}) AND a.grantee <> c.relowner
    LOOP
        EXECUTE format('REVOKE ALL ON TABLE %s FROM %s', one.relation,
            CASE one.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(one.grantee)) END);
    END LOOP;
END`;
  return `DO ${dollarQuote(body)}`;
}

/** A body that no tag within it ends. */
export function dollarQuote(body: string): string {
  let tag = "$adopt$";
  for (let number = 2; body.includes(tag); number += 1) tag = `$adopt${number}$`;
  return `${tag}\n${body}\n${tag}`;
}
