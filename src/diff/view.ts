/** How a view comes to another query or other options, where it need not be dropped for that. */
import type { DumpedObject } from "../schema/dump.ts";
import { describeDefinition, inOneLine } from "../schema/compare/words.ts";
import { restDifference } from "./rest.ts";
import type { Described, Step } from "./step.ts";

/** The CREATE of a view, taken apart. */
interface ViewText {
  /** `fillfactor` → `70` */
  readonly options: ReadonlyMap<string, string>;
  /** All else: the query, and how a materialized view is stored. */
  readonly body: string;
}

export const isView = (label: string) => /^(?:materialized )?view /.test(label);

/** As the dump writes it; what loads it in two steps, where it is in a circle, is no difference. */
function readView({ label, statements: [create = ""] }: DumpedObject): ViewText {
  const name = nameOf(label);
  const start = create.indexOf(` ${name}`) + 1 + name.length;
  const [, method = "", options = "", query = ""] =
    /^( USING \S+)?(?: WITH \((.*?)\))? AS\n(.*)$/s.exec(create.slice(start)) ?? [];
  const pairs = options.matchAll(/(?:^|, )("(?:[^"]|"")*"|[a-z_.]+) = ('(?:[^']|'')*'|[^,']+)/g);
  return {
    options: new Map([...pairs].map(([, option = "", value = ""]) => [option, value])),
    body: `${method}${query}`,
  };
}

/**
 * Whether another definition asks for DROP and CREATE: a materialized view has no other way, and
 * CREATE OR REPLACE VIEW takes new columns only behind those that are there, which keep name, type
 * and collation (checkViewColumns() in PostgreSQL). The same text may give other types where what it
 * reads has them.
 */
export function mustBeDropped(was: DumpedObject, is: DumpedObject): boolean {
  if (hasOtherColumns(was, is)) {
    const [had = [], has = []] = [was.columns, is.columns];
    return !is.label.startsWith("view ") || had.some((column, at) => column !== has[at]);
  }
  return is.label.startsWith("materialized view ") && readView(was).body !== readView(is).body;
}

export function hasOtherColumns(was: DumpedObject, is: DumpedObject): boolean {
  return was.columns?.join("\n") !== is.columns?.join("\n");
}

/** "its columns are `id integer` and were `id bigint`": those that differ, in their places. */
export function describeColumns(was: DumpedObject, is: DumpedObject): string {
  const [had = [], has = []] = [was.columns, is.columns];
  const differ = (these: readonly string[], others: readonly string[]) =>
    these.filter((column, at) => column !== others[at]).join(", ");
  return `its columns are \`${differ(has, had)}\` and were \`${differ(had, has)}\``;
}

/** CREATE OR REPLACE VIEW, or ALTER for options alone; then owner, rights, comments, defaults. */
export function changedView(was: DumpedObject, is: DumpedObject): Described {
  const { label } = is;
  const [had, has] = [readView(was), readView(is)];
  const [oldMain = "", ...oldRest] = was.statements;
  const [main = "", ...rest] = is.statements;
  const isReplaced = had.body !== has.body;
  const around = aroundView(oldRest, rest);
  if (!isReplaced) {
    const { words, steps } = otherOptions(label, had.options, has.options);
    return { words: [...words, ...around.words], steps: [...steps, ...around.steps] };
  }
  const sql = [main.replace(/^CREATE (?:OR REPLACE )?/, "CREATE OR REPLACE ")];
  const replace: Step = { what: label, sql, when: "main", makes: "", ends: "", group: label };
  // What is said of a column may be about a new one.
  const isAboutColumn = ({ what }: Step) =>
    /^(?:COMMENT ON COLUMN|ALTER TABLE .* ALTER COLUMN|(?:GRANT|REVOKE) .*\()/s.test(what);
  return {
    words: [`it ${describeDefinition(oldMain, main)}`, ...around.words],
    steps: [
      replace,
      ...around.steps.map((step) => (isAboutColumn(step) ? { ...step, group: label } : step)),
    ],
  };
}

function otherOptions(
  label: string,
  had: ViewText["options"],
  has: ViewText["options"],
): Described {
  const fresh = [...has].filter(([option, value]) => had.get(option) !== value);
  const gone = [...had.keys()].filter((option) => !has.has(option));
  const kind = label.startsWith("materialized") ? "MATERIALIZED VIEW" : "VIEW";
  const alter = `ALTER ${kind} ${nameOf(label)}`;
  const shown = (value: string | undefined) => (value === undefined ? "not set" : `\`${value}\``);
  const sql = [
    ...(fresh.length === 0
      ? []
      : [`${alter} SET (${fresh.map(([option, value]) => `${option} = ${value}`).join(", ")})`]),
    ...(gone.length === 0 ? [] : [`${alter} RESET (${gone.join(", ")})`]),
  ];
  return {
    words: [
      ...fresh.map(
        ([option, value]) =>
          `option ${option} is ${shown(value)} and was ${shown(had.get(option))}`,
      ),
      ...gone.map((option) => `option ${option} is not set and was ${shown(had.get(option))}`),
    ],
    steps: sql.length === 0 ? [] : [{ what: "its options", sql, when: "main" }],
  };
}

/** A column of a view has no default but its own, so that one can be taken back. */
function aroundView(was: readonly string[], is: readonly string[]): Described {
  const start = (sql: string) =>
    /^ALTER TABLE ONLY .* ALTER COLUMN .*? SET DEFAULT /s.exec(sql)?.[0];
  const gone = was.filter((sql) => {
    const own = start(sql);
    return own !== undefined && !is.some((other) => other.startsWith(own));
  });
  const around = restDifference(
    was.filter((sql) => !gone.includes(sql)),
    is,
  );
  return {
    words: [...gone.map((sql) => `no longer: ${inOneLine(sql)}`), ...around.words],
    steps: [
      ...gone.map((sql): Step => {
        const drop = (start(sql) ?? "").replace(/ SET DEFAULT $/, " DROP DEFAULT");
        return { what: inOneLine(sql), sql: [drop], when: "main", isAttribute: true };
      }),
      ...around.steps,
    ],
  };
}

function nameOf(label: string): string {
  return label.replace(/^(?:materialized )?view /, "");
}
