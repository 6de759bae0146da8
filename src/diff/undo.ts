/** Statements that take back what follows a CREATE: owner, comments, rights, settings. */

/** A statement that takes one back, or why there is none. `first` is to come before all others. */
export type Undo =
  | { readonly sql: string; readonly isFirst?: boolean }
  | { readonly isReplaced: true }
  | { readonly why: string };

const column = String.raw`ALTER COLUMN (?:"(?:[^"]|"")*"|[^\s"]+)`;

/** Statements that give one thing its value, with what gives it the value that it has by itself. */
const settings: readonly (readonly [pattern: RegExp, usual: string])[] = [
  [new RegExp(`^(ALTER (?:TABLE|INDEX) .* ${column} SET STATISTICS) `, "s"), " -1"],
  [/^(ALTER STATISTICS .* SET STATISTICS) /s, " -1"],
];

/** The same for what may be handed from one statement to another, so that it is to come first. */
const shared: readonly (readonly [pattern: RegExp, usual: string])[] = [
  [/^(ALTER TABLE .* REPLICA IDENTITY) /s, " DEFAULT"],
  [/^(ALTER TABLE .*) CLUSTER ON /s, " SET WITHOUT CLUSTER"],
  [/^(ALTER SEQUENCE .* OWNED BY) /s, " NONE"],
];

/** @param fresh What the second schema has instead. */
export function undo(sql: string, fresh: readonly string[]): Undo {
  const isReplacedBy = (start: string) => fresh.some((other) => other.startsWith(`${start} `));
  const comment = /^COMMENT ON (.*?) IS /s.exec(sql)?.[1];
  if (comment !== undefined) {
    if (isReplacedBy(`COMMENT ON ${comment} IS`)) return { isReplaced: true };
    const usual = comment === "SCHEMA public" ? "'standard public schema'" : "NULL";
    return { sql: `COMMENT ON ${comment} IS ${usual}` };
  }
  const owned = /^(ALTER .* OWNER TO) /s.exec(sql)?.[1];
  if (owned !== undefined) {
    if (isReplacedBy(owned)) return { isReplaced: true };
    return owned === "ALTER SCHEMA public OWNER TO"
      ? { sql: `${owned} pg_database_owner` }
      : { why: "the other schema says nothing of its owner" };
  }
  for (const [pattern, usual] of shared) {
    const start = pattern.exec(sql)?.[1];
    if (start !== undefined) return { sql: `${start}${usual}`, isFirst: true };
  }
  for (const [pattern, usual] of settings) {
    const start = pattern.exec(sql)?.[1];
    if (start === undefined) continue;
    return isReplacedBy(start) ? { isReplaced: true } : { sql: `${start}${usual}` };
  }
  const security = /^(ALTER TABLE .*) (ENABLE|FORCE) ROW LEVEL SECURITY$/s.exec(sql);
  if (security) {
    const [, table = "", word] = security;
    return { sql: `${table} ${word === "FORCE" ? "NO FORCE" : "DISABLE"} ROW LEVEL SECURITY` };
  }
  return undoState(sql, fresh) ?? undoRights(sql, fresh) ?? undoOther(sql, fresh);
}

/** Triggers and rules that are disabled, or fire always; options in parentheses. */
function undoState(sql: string, fresh: readonly string[]): Undo | undefined {
  const state =
    /^(ALTER TABLE .*) (?:DISABLE|ENABLE ALWAYS|ENABLE REPLICA|ENABLE) ((?:TRIGGER|RULE) .*)$/s.exec(
      sql,
    );
  if (state) {
    const [, start = "", name = ""] = state;
    const isReplaced = fresh.some((other) => other.startsWith(start) && other.endsWith(` ${name}`));
    return isReplaced ? { isReplaced } : { sql: `${start} ENABLE ${name}` };
  }
  const extension = /^(ALTER .*) (DEPENDS ON EXTENSION .*)$/s.exec(sql);
  if (extension) return { sql: `${extension[1] ?? ""} NO ${extension[2] ?? ""}` };
  const options = /^(ALTER (?:TABLE|INDEX) .*) SET \((.*)\)$/s.exec(sql);
  if (!options) return undefined;
  const names = [...(options[2] ?? "").matchAll(/(?:^|, )("(?:[^"]|"")*"|[a-z_.]+) = /g)].map(
    ([, name]) => name,
  );
  return { sql: `${options[1] ?? ""} RESET (${names.join(", ")})` };
}

const role = String.raw`([^ "]+|"(?:[^"]|"")*")`;

function undoRights(sql: string, fresh: readonly string[]): Undo | undefined {
  const prefix = String.raw`^(ALTER DEFAULT PRIVILEGES .*?(?= (?:GRANT|REVOKE) ) )?`;
  const grant = new RegExp(`${prefix}GRANT (.*) TO ${role}( WITH GRANT OPTION)?$`, "s").exec(sql);
  if (grant) {
    const [, start = "", rights = "", to = "", option = ""] = grant;
    const isKept = option !== "" && fresh.includes(`${start}GRANT ${rights} TO ${to}`);
    return { sql: `${start}REVOKE ${isKept ? "GRANT OPTION FOR " : ""}${rights} FROM ${to}` };
  }
  const revoke = new RegExp(`${prefix}REVOKE (GRANT OPTION FOR )?(.*) FROM ${role}$`, "s").exec(
    sql,
  );
  if (!revoke) return undefined;
  const [, start = "", option = "", rights = "", from = ""] = revoke;
  return { sql: `${start}GRANT ${rights} TO ${from}${option === "" ? "" : " WITH GRANT OPTION"}` };
}

function undoOther(sql: string, fresh: readonly string[]): Undo {
  const change = new RegExp(`^(ALTER TABLE .* ${column} (?:SET|DROP) [A-Z]+)\\b`, "s").exec(
    sql,
  )?.[1];
  if (change !== undefined) {
    const thing = change.replace(/ (?:SET|DROP) ([A-Z]+)$/s, "");
    const word = /[A-Z]+$/.exec(change)?.[0] ?? "";
    const others = [`${thing} SET ${word}`, `${thing} DROP ${word}`];
    if (fresh.some((other) => others.some((start) => other.startsWith(start)))) {
      return { isReplaced: true };
    }
    if (word === "STORAGE") return { why: "the schema does not say which storage its type has" };
    if (word === "COMPRESSION" || word === "DEFAULT") {
      return { why: "what the table that it inherits from has is not derived" };
    }
    if (word === "NOT") return { sql: `${thing} DROP NOT NULL` };
  }
  const mapping = /^(ALTER TEXT SEARCH CONFIGURATION .*) ADD MAPPING FOR (\S+) WITH /s.exec(sql);
  if (mapping) {
    return { sql: `${mapping[1] ?? ""} DROP MAPPING FOR ${mapping[2] ?? ""}`, isFirst: true };
  }
  const level = /^(ALTER SEQUENCE .*) SET (UN)?LOGGED$/s.exec(sql);
  if (level) return { sql: `${level[1] ?? ""} SET ${level[2] === undefined ? "UN" : ""}LOGGED` };
  if (/^ALTER (?:TABLE|INDEX) .* ATTACH PARTITION /s.test(sql)) {
    return { why: "detaching it would take its rows out of the partitioned table" };
  }
  return { why: "no statement is known that takes it back" };
}
