/** Makes the rows of `policies/test.sql` in the open transaction and finds them again. */
import { ident, literal } from "../../db/identifier.ts";
import { loadParser, parseScript } from "../../db/script.ts";
import { isPostgresError, type Session } from "../../db/session.ts";
import { as, relationName } from "../../db/tree.ts";
import type { Finding } from "../../findings.ts";
import type { Relation } from "./catalog.ts";
import type { Fixture, FixtureStatement, RowLabel } from "./fixture.ts";

/** A row that rights are tried on. */
export interface TriedRow {
  readonly relation: Relation;
  readonly label: RowLabel;
  /** Condition that finds the row, by its key where it has one. */
  readonly where: string;
  /** Every column in its text form, as a literal reads it, after the last statement. */
  readonly values: Readonly<Record<string, string | null>>;
  /** The same right after its own statement: triggers of later ones count and mark. */
  readonly inserted: Readonly<Record<string, string | null>>;
}

/**
 * Runs the statements one by one as the current role, and reads the inserted rows again after the
 * last one, because triggers of later statements may change them.
 *
 * The transaction must be open, with row_security off. After the first failure nothing more is run.
 */
export async function loadFixture(
  session: Session,
  fixture: Fixture,
  relations: readonly Relation[],
): Promise<{ rows: TriedRow[]; findings: Finding[] }> {
  await loadParser();
  const made: Omit<TriedRow, "values">[] = [];
  for (const statement of fixture.statements) {
    try {
      const problem = await runStatement(session, statement, relations, made);
      if (problem !== undefined)
        return { rows: [], findings: [failed(fixture, statement, problem)] };
    } catch (error) {
      if (!isPostgresError(error)) throw error;
      const detail = error.detail === undefined ? "" : ` (${error.detail})`;
      // With row_security off, an owner whom policies hold for is refused instead of seeing nothing.
      const hint =
        error.code === "42501"
          ? "the rows are made as the owner of the tables (`migrations.role`), who needs BYPASSRLS where row level security is forced"
          : error.hint;
      return {
        rows: [],
        findings: [failed(fixture, statement, `${error.message}${detail}`, hint)],
      };
    }
  }
  const rows: TriedRow[] = [];
  for (const { relation, label, where, inserted } of made) {
    const found = await session.query<{ values: TriedRow["values"] }>(
      `SELECT ${textsOf(relation)} AS "values" FROM ${relation.name} WHERE ${where}`,
    );
    const [first] = found;
    if (first === undefined || found.length > 1) {
      const message = `a row of ${relation.name} (${describeLabel(label)}) is not there any more after the last statement`;
      return {
        rows: [],
        findings: [
          { rule: "policies/test-file", severity: "error", message, object: relation.name },
        ],
      };
    }
    rows.push({ relation, label, where, inserted, values: first.values });
  }
  return { rows, findings: [] };
}

export function describeLabel({ owner, variant }: RowLabel): string {
  return [owner ?? "nobody", variant].filter((part) => part !== "").join(", ");
}

/** Every column as text by its name, as SQL. A function takes at most 100 arguments. */
function textsOf({ columns }: Relation): string {
  const pairs = columns.map(({ name }) => `${literal(name)}, ${ident(name)}::text`);
  const parts: string[] = [];
  for (let from = 0; from < pairs.length; from += 50) {
    parts.push(`jsonb_build_object(${pairs.slice(from, from + 50).join(", ")})`);
  }
  return parts.join(" || ") || "'{}'::jsonb";
}

/** What is wrong with the statement beyond an error of the server's, or undefined. */
async function runStatement(
  session: Session,
  { text, isTried, label }: FixtureStatement,
  relations: readonly Relation[],
  made: Omit<TriedRow, "values">[],
): Promise<string | undefined> {
  if (!isTried) {
    await session.query(text);
    return undefined;
  }
  const target = as(parseScript(text)[0]?.node, "InsertStmt")?.relation;
  const name = relationName(target).split(".").map(ident).join(".");
  const { oid } = await session.one<{ oid: string | null }>(
    "SELECT to_regclass($1)::oid::text AS oid",
    [name],
  );
  const relation = relations.find((one) => one.oid === oid && one.kind === "table");
  if (oid !== null && relation === undefined) {
    return `${name} is no table whose rights are tried: name the root of a partitioned table, and no view`;
  }
  if (relation === undefined) {
    await session.query(text);
    return `there is no ${name}`;
  }
  const { key } = relation;
  const rows = await session.query<{ place: string; ctid: string; inserted: TriedRow["inserted"] }>(
    `${text}\nRETURNING tableoid::regclass::text AS place, ctid::text AS ctid, ${textsOf(relation)} AS inserted`,
  );
  if (rows.length === 0) return `it made no row of ${relation.name}`;
  for (const { place, ctid, inserted } of rows) {
    const where =
      key === null
        ? `tableoid = ${literal(place)}::regclass AND ctid = ${literal(ctid)}`
        : key
            .map((column) => `${ident(column)} = ${literal(inserted[column] ?? null)}`)
            .join(" AND ");
    made.push({ relation, label, where, inserted });
  }
  return undefined;
}

function failed(
  { file, source }: Fixture,
  { at }: FixtureStatement,
  message: string,
  hint?: string,
): Finding {
  return {
    rule: "policies/test-row-failed",
    severity: "error",
    message: `the row could not be made: ${message}`,
    hint:
      hint ?? "the file must hold everything its rows need, in an order in which they can be made",
    at: { ...at, file },
    source,
  };
}
