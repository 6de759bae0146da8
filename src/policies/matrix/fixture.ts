/** Reads `policies/test.sql`: the rows that rights are tried on, whose they are, and who tries. */
import { parseScript, ScriptError, type Statement } from "../../db/script.ts";
import { readPieces } from "../../db/lexer.ts";
import { placesIn } from "../../db/place.ts";
import { as } from "../../db/tree.ts";
import type { Location } from "../../errors.ts";
import type { Finding } from "../../findings.ts";

/** Somebody who is signed in: a value of the setting that carries the identity. */
export interface Person {
  readonly name: string;
  readonly value: string;
  /** Users are alike and judged together as "user"; anybody else is judged by name. */
  readonly persona: string;
}

/** Whose the rows of a statement are, and what sets them apart from others of theirs. */
export interface RowLabel {
  /** Name of a person; null for rows that are nobody's. */
  readonly owner: string | null;
  readonly variant: string;
}

export interface FixtureStatement {
  readonly text: string;
  readonly at: Location;
  readonly label: RowLabel;
  /** An INSERT whose rows are tried; other statements only prepare. */
  readonly isTried: boolean;
}

export interface Fixture {
  readonly file: string;
  readonly source: string;
  /** Setting that carries the identity: `app.current_user_id`. */
  readonly setting: string;
  readonly people: readonly Person[];
  /** Roles to test, where the file names them. */
  readonly roles: readonly string[] | undefined;
  readonly statements: readonly FixtureStatement[];
}

const directive = /^--\s*(identity|user|person|roles|rows):\s*(.*?)\s*$/;
const settingName = /^[a-z_][\w$]*(?:\.[a-z_][\w$]*)+$/i;
const personLine = /^([a-z][\w-]*)\s*=\s*(\S+)$/i;
const rowsLine = /^([a-z][\w-]*)(?:\s*,\s*([a-z][\w -]*))?$/i;

/**
 * Reads the text of the file. `loadParser()` must have finished.
 *
 * Directives are comments on lines of their own: `-- identity: app.current_user_id`,
 * `-- user: ann = <value>`, `-- person: coach = <value>`, `-- roles: a, b`, and before the
 * statements that make them `-- rows: ann` or `-- rows: ann, public` or `-- rows: nobody`.
 */
export function readFixture(
  source: string,
  file: string,
): { fixture: Fixture | undefined; findings: Finding[] } {
  const findings: Finding[] = [];
  const placeOf = placesIn(source);
  const complain = (offset: number, message: string, hint?: string) => {
    findings.push({
      rule: "policies/test-file",
      severity: "error",
      message,
      hint,
      at: { file, ...placeOf(offset) },
      source,
    });
  };
  let parsed: Statement[];
  try {
    parsed = parseScript(source);
  } catch (error) {
    if (!(error instanceof ScriptError)) throw error;
    complain(error.offset, error.message);
    return { fixture: undefined, findings };
  }
  let setting: string | undefined;
  let roles: string[] | undefined;
  const people: Person[] = [];
  const marks: { readonly offset: number; readonly label: RowLabel }[] = [];
  for (const { start, end } of readPieces(source).filter(({ kind }) => kind === "comment")) {
    const [, key, value = ""] = directive.exec(source.slice(start, end)) ?? [];
    if (key === "identity") {
      if (settingName.test(value)) setting = value;
      else complain(start, `\`${value}\` is not the name of a setting`, "like app.current_user_id");
    } else if (key === "user" || key === "person") {
      const [, name, id] = personLine.exec(value) ?? [];
      if (name === undefined || id === undefined) {
        complain(start, `\`-- ${key}:\` needs a name and a value`, `-- ${key}: ann = <value>`);
      } else if (people.some((person) => person.name === name || person.value === id)) {
        complain(start, `the name or value of \`${name}\` is there twice`);
      } else if (
        ["user", "nobody", "cleared", "anyone", "own", "others", "shared"].includes(name)
      ) {
        complain(start, `\`${name}\` has a meaning of its own; choose another name`);
      } else people.push({ name, value: id, persona: key === "user" ? "user" : name });
    } else if (key === "roles") {
      roles = value
        .split(",")
        .map((name) => name.trim())
        .filter((name) => name !== "");
    } else if (key === "rows") {
      const [, owner, variant = ""] = rowsLine.exec(value) ?? [];
      if (owner === undefined) {
        complain(start, "`-- rows:` needs whose they are", "-- rows: ann, or -- rows: ann, public");
      } else if (owner !== "nobody" && !people.some(({ name }) => name === owner)) {
        complain(start, `nobody is called \`${owner}\``, `above it: -- user: ${owner} = <value>`);
      } else {
        const label = { owner: owner === "nobody" ? null : owner, variant: variant.trim() };
        marks.push({ offset: start, label });
      }
    }
  }
  if (setting === undefined) {
    complain(
      0,
      "nothing says which setting carries the identity",
      "-- identity: app.current_user_id",
    );
  }
  if (people.filter(({ persona }) => persona === "user").length < 2) {
    complain(
      0,
      "two users are needed, so that own rows can be told from others'",
      "-- user: ann = <value>",
    );
  }
  const statements = parsed.flatMap((statement): FixtureStatement[] => {
    const mark = marks.findLast(({ offset }) => offset < statement.start);
    const problem = judgeStatement(statement);
    if (problem !== undefined) {
      complain(statement.start, problem.message, problem.hint);
      return [];
    }
    const isTried = statement.kind === "InsertStmt";
    if (isTried && mark === undefined) {
      complain(
        statement.start,
        "nothing says whose these rows are",
        "above it: -- rows: ann, or -- rows: nobody",
      );
      return [];
    }
    const { text, line, column } = statement;
    const label = mark?.label ?? { owner: null, variant: "" };
    return [{ text, at: { file, line, column }, label, isTried }];
  });
  if (setting === undefined || findings.length > 0) return { fixture: undefined, findings };
  return { fixture: { file, source, setting, people, roles, statements }, findings };
}

const allowed = new Set(["InsertStmt", "UpdateStmt", "DeleteStmt", "RefreshMatViewStmt"]);

function judgeStatement({ kind, node }: Statement): { message: string; hint?: string } | undefined {
  if (!allowed.has(kind)) {
    return {
      message: "only INSERT, UPDATE, DELETE and REFRESH MATERIALIZED VIEW may stand here",
      hint: "the file makes the rows and nothing else; it runs as the owner, in a transaction that is rolled back",
    };
  }
  const insert = as(node, "InsertStmt");
  if (insert?.returningClause !== undefined) {
    return { message: "RETURNING is added to these statements, so they cannot have their own" };
  }
  if (as(node, "RefreshMatViewStmt")?.concurrent) {
    return { message: "CONCURRENTLY needs no place here: nobody else waits for this transaction" };
  }
  return undefined;
}
