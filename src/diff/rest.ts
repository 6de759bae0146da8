/** What follows the CREATE of an object: how it differs, and how that is brought about. */
import { inOneLine } from "../schema/compare/words.ts";
import type { Described, Step } from "./step.ts";
import { undo } from "./undo.ts";

interface Parts {
  readonly dropped: readonly string[];
  readonly renamed: readonly string[];
}

/**
 * Owner, comments, rights, settings. A statement about a part that is dropped, such as a comment on
 * a constraint, lapses with it.
 *
 * @param parts Constraints of the first schema that are dropped, or get another name, by their names
 * as SQL.
 */
export function restDifference(
  before: readonly string[],
  now: readonly string[],
  parts: Parts = { dropped: [], renamed: [] },
): Described {
  const [was, is] = [before.flatMap(eachMapping), now.flatMap(eachMapping)];
  const gone = was.filter((sql) => !is.includes(sql));
  const fresh = is.filter((sql) => !was.includes(sql));
  const undone = gone.map((sql) => ({ sql, back: undo(sql, fresh) }));
  return {
    words: [
      ...undone
        .filter(({ back }) => !("isReplaced" in back))
        .map(({ sql }) => `no longer: ${inOneLine(sql)}`),
      ...fresh.map((sql) => `now: ${inOneLine(sql)}`),
    ],
    steps: [
      ...undone.flatMap(({ sql, back }) =>
        "isReplaced" in back ? [] : [undoing(sql, back, parts)],
      ),
      ...fresh.map(doing),
    ],
  };
}

/** A dump puts the kinds of words together that have the same dictionaries; each changes by itself. */
function eachMapping(sql: string): string[] {
  const [, head = "", kinds, dictionaries = ""] =
    /^(ALTER TEXT SEARCH CONFIGURATION .* ADD MAPPING FOR )([a-z_", ]+)( WITH .*)$/s.exec(sql) ??
    [];
  return kinds === undefined
    ? [sql]
    : kinds.split(", ").map((kind) => `${head}${kind}${dictionaries}`);
}

function undoing(
  sql: string,
  back: { readonly sql: string; readonly isFirst?: boolean } | { readonly why: string },
  { dropped, renamed }: Parts,
): Step {
  const what = inOneLine(sql);
  if ("why" in back) return { what, sql: [], why: back.why, when: "main", isAttribute: true };
  const isAbout = (name: string) => isAboutPart(sql) && namesPart(sql, name);
  const about = dropped.filter(isAbout);
  return {
    what,
    sql: [back.sql],
    // What is dropped may be called so no longer in the main part.
    when: back.isFirst === true || about.length > 0 || renamed.some(isAbout) ? "first" : "main",
    isAttribute: true,
    ...(about.length > 0 && back.isFirst !== true
      ? { lapsesWith: about.map((name) => `constraint ${name}`) }
      : {}),
  };
}

function doing(sql: string): Step {
  const what = inOneLine(sql);
  const step = { what, sql: [sql], when: "main", isAttribute: true } as const;
  if (/^ALTER TABLE .* ATTACH PARTITION /s.test(sql)) {
    const why = "its rows may not fit, and PostgreSQL would have to read all of them";
    return { ...step, sql: [], why, makes: "attachment" };
  }
  if (sql.endsWith(" SET NOT NULL")) {
    return { ...step, sql: [], why: "SET NOT NULL fails where a row has NULL" };
  }
  if (sql === "DROP SCHEMA public") {
    return { ...step, sql: [], why: "it may hold what is not compared" };
  }
  return step;
}

/** It is about a constraint or its index, by name. */
export function isAboutPart(sql: string): boolean {
  return /^(?:COMMENT ON (?:CONSTRAINT|INDEX) |ALTER INDEX |ALTER TABLE .* (?:CLUSTER ON|REPLICA IDENTITY USING INDEX) )/s.test(
    sql,
  );
}

/** `name` as SQL, as the last part of a name in what the statement is about. */
export function namesPart(sql: string, name: string): boolean {
  const escaped = name.replaceAll(/[$()*+.?[\\\]^{|}]/g, String.raw`\$&`);
  return new RegExp(`(?:^|[ .])${escaped}(?: |$)`, "s").test(sql.replace(/ IS (?:'|E').*$/s, " "));
}
