/** ALTER DOMAIN for what loses nothing, and fails on no value. */
import { readColumn } from "../schema/compare/column-words.ts";
import { restDifference } from "./rest.ts";
import type { Step } from "./step.ts";

/**
 * Defaults, DROP NOT NULL and DROP CONSTRAINT; what all values of the domain would have to fulfil is
 * left out with its statement. Undefined where another type stands below it.
 *
 * @param was The statements of the dump: CREATE DOMAIN, owner, comments.
 */
export function changedDomain(
  label: string,
  was: readonly string[],
  is: readonly string[],
): readonly Step[] | undefined {
  const [[before = "", ...oldRest], [now = "", ...rest]] = [was, is];
  const name = label.slice("domain ".length);
  const [had, has] = [before, now].map((sql) => readDomain(sql, name));
  if (!had || !has || had.type !== has.type) return undefined;
  const alter = `ALTER DOMAIN ${name}`;
  const [old = new Map<string, string>(), fresh = new Map<string, string>()] = [had, has].map(
    ({ rest: all }) => new Map(all.map((one) => [nameOf(one), one])),
  );
  const dropped = [...old.keys()].filter((one) => !fresh.has(one));
  const kept = [...fresh].filter(([one, text]) => old.get(one) !== text).map(([one]) => one);
  // What a constraint calls that should be another one, and stays, is needed still.
  const ends = kept.some((one) => old.has(one)) ? {} : { ends: "" };
  const step = { when: "main", makes: "", ...ends } as const;
  const steps: Step[] = dropped.map((one) => {
    const sql = [`${alter} DROP CONSTRAINT ${one}`];
    return { ...step, what: `constraint ${one}`, sql, isMovable: true };
  });
  if (had.default !== has.default) {
    const [what, group] = ["its default", "default"];
    const drop = { ...step, what, sql: [`${alter} DROP DEFAULT`], isMovable: true };
    if (has.default === undefined) steps.push(drop);
    else {
      const { makes: _, ...early } = drop;
      if (had.default !== undefined) steps.push({ ...early, when: "if-needed", group });
      steps.push({ ...step, what, sql: [`${alter} SET DEFAULT ${has.default}`], group });
    }
  }
  const leave = (what: string, sql: string) => {
    const why = `it fails where a value that is there does not fit: \`${alter} ${sql}\``;
    steps.push({ what, sql: [], why, when: "main", makes: "" });
  };
  if (had.isNotNull && !has.isNotNull) {
    steps.push({ ...step, what: "NOT NULL", sql: [`${alter} DROP NOT NULL`] });
  }
  if (!had.isNotNull && has.isNotNull) leave("NOT NULL", "SET NOT NULL");
  for (const one of kept) {
    const drop = old.has(one) ? `DROP CONSTRAINT ${one}; ${alter} ` : "";
    leave(`constraint ${one}`, `${drop}ADD ${fresh.get(one) ?? ""}`);
  }
  const around = restDifference(
    oldRest.filter((sql) => !dropped.some((one) => isComment(sql, one))),
    rest,
  ).steps.map((other) => {
    const about = kept.find((one) => other.sql.some((sql) => isComment(sql, one)));
    const why = `it is about constraint ${about ?? ""}, which is left out`;
    return about === undefined ? other : { ...other, sql: [], why };
  });
  return [...steps, ...around];
}

function isComment(sql: string, constraint: string): boolean {
  return sql.startsWith(`COMMENT ON CONSTRAINT ${constraint} ON DOMAIN `);
}

/** Behind its name it is written like a column. */
function readDomain(sql: string, name: string) {
  const head = `CREATE DOMAIN ${name} AS `;
  return sql.startsWith(head) ? readColumn(`value ${sql.slice(head.length)}`) : undefined;
}

function nameOf(constraint: string): string {
  return /^CONSTRAINT ("(?:[^"]|"")*"|[^\s"]+) /.exec(constraint)?.[1] ?? constraint;
}
