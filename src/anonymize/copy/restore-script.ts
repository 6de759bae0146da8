/** The file that psql restores a copy from. */
import { ident, literal } from "../../db/identifier.ts";
import { settings } from "../../schema/layout.ts";
import { planEnding } from "./finish.ts";
import type { Source } from "./source.ts";
import { writeStatement } from "./table.ts";
import type { Unit } from "./unit.ts";

export interface DataFile {
  readonly unit: Unit;
  /** From the output's directory: `data/0001_public.users.copy.gz`. */
  readonly path: string;
  readonly rows: number;
}

export const restoreFile = "restore.sql";

/**
 * One transaction, so that a restore that fails leaves nothing. It begins by saying what is missing,
 * and ends by counting.
 */
export async function restoreScript(
  source: Source,
  files: readonly DataFile[],
  { omitOwners, omitGrants }: { readonly omitOwners: boolean; readonly omitGrants: boolean },
): Promise<string> {
  const { schema } = source;
  const isLeftOut = { owner: omitOwners, grant: omitGrants, policy: false };
  const roles = new Set(source.roles.filter((role) => !isLeftOut[role.as]).map(({ name }) => name));
  const pieces = (list: typeof schema.before) =>
    list.flatMap(({ statements }) => statements.map((statement) => `${statement};`));
  return [
    `-- A masked copy of a database, written by \`pgwright anonymize run --output\`.
-- To restore it into an empty database, with psql and gzip:
--   cd <this directory> && psql -X -f restore.sql <database>`,
    "\\set ON_ERROR_STOP on",
    ...placeCheck(files[0]?.path),
    "BEGIN;",
    missingCheck([...roles].toSorted(), source.extensions),
    settings.map((setting) => `SET ${setting};`).join("\n"),
    "-- Tables, and what they need",
    ...pieces(schema.before),
    "-- Rows",
    "RESET search_path;\nSET row_security = off;",
    ...files.map(copyLine),
    countCheck(files),
    "SET search_path = '';\nSET row_security = on;",
    "-- Keys, indexes, triggers, policies, values of sequences, materialized views",
    ...(await planEnding(source)).map(({ sql }) => sql),
    `COMMIT;\n${settings.map((setting) => `RESET ${setting.split(" ")[0] ?? ""};`).join("\n")}`,
    "ANALYZE;\n",
  ].join("\n\n");
}

/** psql looks for the files where it was started. */
function placeCheck(path: string | undefined): string[] {
  if (path === undefined) return [];
  return [
    `\\set is_here \`test -f '${path}' && echo 1 || echo 0\`
\\if :is_here
\\else
DO $$ BEGIN RAISE EXCEPTION 'the files of this copy are not here'
  USING HINT = 'start psql in the directory of restore.sql'; END $$;
\\endif`,
  ];
}

function missingCheck(roles: readonly string[], extensions: readonly string[]): string {
  const values = [
    ...roles.map((name) => [`role ${ident(name)}`, "pg_roles", "rolname", name]),
    ...extensions.map((name) => [
      `extension ${ident(name)}`,
      "pg_available_extensions",
      "name",
      name,
    ]),
  ];
  if (values.length === 0) return "-- No roles and no extensions are needed.";
  const rows = values.map(
    ([what = "", table = "", column = "", name = ""]) =>
      `SELECT ${literal(what)} WHERE NOT EXISTS (SELECT FROM ${table} WHERE ${column} = ${literal(name)})`,
  );
  return `DO $pgwright$
DECLARE missing text;
BEGIN
  SELECT string_agg(what, ', ') INTO missing FROM (
    ${rows.join("\n    UNION ALL ")}
  ) needed(what);
  IF missing IS NOT NULL THEN
    RAISE EXCEPTION 'this server lacks what the schema names: %', missing;
  END IF;
END $pgwright$;`;
}

function copyLine({ unit, path }: DataFile): string {
  // Rows of a table that this transaction has made can be written frozen; not through a root.
  const freezes = unit.table.into === unit.table.id;
  // \copy ends with its line.
  const statement = writeStatement(unit.table, "text", freezes).replace(
    " FROM STDIN",
    ` FROM PROGRAM ${literal(`gzip -dc ${path}`)}`,
  );
  return `\\${statement.replace(/^COPY/, "copy")}`;
}

function countCheck(files: readonly DataFile[]): string {
  const expected = new Map<string, { rows: number; isOwn: boolean }>();
  for (const { unit, rows } of files) {
    const { into, id } = unit.table;
    const before = expected.get(into)?.rows ?? 0;
    expected.set(into, { rows: before + rows, isOwn: into === id });
  }
  const checks = [...expected].map(
    ([name, { rows, isOwn }]) =>
      `  IF (SELECT count(*) FROM ${isOwn ? "ONLY " : ""}${name}) <> ${rows} THEN RAISE EXCEPTION ${literal(`${name.replaceAll("%", "%%")} does not have its ${rows} rows`)}; END IF;`,
  );
  return `DO $pgwright$\nBEGIN\n${checks.join("\n")}\nEND $pgwright$;`;
}
