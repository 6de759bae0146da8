/** What `diff` and `drift` share: their options and the views of a difference. */
import type { DiffOptions, DiffResult } from "../diff/diff.ts";
import type { Difference } from "../diff/differences.ts";
import type { Context } from "./context.ts";
import { migratorOptions } from "./migrating.ts";
import type { View } from "./render/view.ts";

/**
 * What comparing needs, from configuration and flags.
 *
 * @param needsDatabase False where nothing but connection strings is compared: none need be configured then.
 */
export async function diffOptions(
  context: Context,
  omitOwners: boolean,
  needsDatabase: boolean,
): Promise<DiffOptions> {
  const { resolve } = await import("node:path");
  return {
    ...(await migratorOptions(context, undefined, needsDatabase ? undefined : false)),
    refusal: "diff-refused",
    omitOwners,
    openOther: (database) => context.connect({ writes: true, direct: true, database }),
    openUrl: async (url) => (await context.opener(url, "against")).open({ writes: false }),
    resolve: (file) => resolve(context.workingDirectory, file),
  };
}

/** Words for each object; below, what brings it about, or both definitions. */
export function differencesAsText(result: DiffResult, view: View): string {
  const { differences, from, to } = result;
  const { style } = view;
  const elsewhere = elsewhereAsLines(result, view.visible).join("\n");
  const told = elsewhere === "" ? "" : `\n\n${elsewhere}`;
  if (differences.length === 0) {
    return `${style.green(`${from} and ${to} have the same schema`)}${told}`;
  }
  const marks = { added: style.green("+"), removed: style.red("-"), changed: style.yellow("~") };
  const blocks = differences.map((difference) => {
    const { object, kind, words, sql, leftOut, comesWith, before, after } = difference;
    const head = `${marks[kind]} ${style.bold(view.visible(object))}`;
    const said = kind === "changed" ? words.map((word) => indent(view.visible(word))) : [];
    const isLong = kind === "added" && !view.isVerbose;
    const shown = isLong ? [] : sql.map((one) => style.dim(indent(`${one};`)));
    const both =
      comesWith !== undefined
        ? [style.dim(`    ${goesWith(kind, comesWith, view.visible)}`)]
        : sql.length === 0 && before.length + after.length > 0
          ? [
              style.dim(`    no safe SQL; ${from} has${before.length === 0 ? " none" : ":"}`),
              ...before.map((one) => style.dim(indent(`${one};`))),
              style.dim(`    ${to} has${after.length === 0 ? " none" : ":"}`),
              ...after.map((one) => style.dim(indent(`${one};`))),
            ]
          : [];
    const left = leftOut.map(({ what, why }) =>
      style.dim(`    not in the SQL: ${view.visible(what)}: ${view.visible(why)}`),
    );
    return [head, ...said, ...shown, ...left, ...both].join("\n");
  });
  const count = view.plural(differences.length, "difference");
  return `${blocks.join("\n")}\n\n${count} from ${from} to ${to}${told}`;
}

function elsewhereAsLines(
  { elsewhere, from, to }: DiffResult,
  show: (text: string) => string,
): string[] {
  if (elsewhere.length === 0) return [];
  return [
    "in another tablespace, which counts as no difference:",
    ...elsewhere.map((one) => show(`  ${one.object}: ${one.from} in ${from}, ${one.to} in ${to}`)),
  ];
}

function goesWith(kind: string, parent: string, show: (text: string) => string): string {
  return `${kind === "removed" ? "goes" : "comes"} with ${show(parent)}`;
}

function indent(sql: string): string {
  return sql.replaceAll(/^/gm, "    ");
}

/**
 * A script to be read before it is run: first what runs, in its order, then what it leaves out, as
 * comments.
 */
export function differencesAsSql(result: DiffResult): string {
  const { differences, script, from, to } = result;
  const places = elsewhereAsLines(result, oneLine).map((line) => `-- ${line}`);
  const elsewhere = places.length === 0 ? [] : [places.join("\n")];
  if (differences.length === 0) {
    return [`-- ${from} and ${to} have the same schema`, ...elsewhere].join("\n\n");
  }
  const left = differences.flatMap(({ leftOut }) => leftOut).length;
  const warning =
    left === 0
      ? []
      : [
          `-- not all of it: ${left} ${left === 1 ? "part is" : "parts are"} left out, see "left out" below`,
        ];
  const byObject = new Map(differences.map((one) => [one.object, one]));
  const told = new Set<string>();
  const blocks = script.map(({ object, sql }) => {
    const words = byObject.get(object)?.words ?? [];
    const said = told.has(object) ? "see above" : words.map(oneLine).join("; ");
    told.add(object);
    return [`-- ${oneLine(object)}: ${said}`, ...sql.map((one) => `${one};`)].join("\n");
  });
  // Bodies of functions may name what comes later.
  const makesRoutines = script.some(({ sql }) => sql.some((one) => isRoutine.test(one)));
  const [before, after] = makesRoutines
    ? [["SET check_function_bodies = false;"], ["RESET check_function_bodies;"]]
    : [[], []];
  const committing = script.some(({ sql }) => sql.some((one) => addsLabel.test(one)))
    ? ["-- not in one transaction: a new label of an enum can be used only once it is committed"]
    : [];
  const filling = script.flatMap(({ object, sql }) =>
    sql.some((one) => one.startsWith("CREATE MATERIALIZED VIEW "))
      ? [`--   REFRESH ${object.replace("materialized view", "MATERIALIZED VIEW")};`]
      : [],
  );
  const empty =
    filling.length === 0
      ? []
      : [
          ["-- made without rows, and not to be read before they are filled:", ...filling].join(
            "\n",
          ),
        ];
  const rest = differences.flatMap((one) => notInScript(one, told.has(one.object), from, to));
  return [
    ...warning,
    ...committing,
    ...before,
    ...blocks,
    ...after,
    ...empty,
    ...rest,
    ...elsewhere,
  ].join("\n\n");
}

const isRoutine = /^CREATE (?:OR REPLACE )?(?:FUNCTION|PROCEDURE) /;
const addsLabel = /^ALTER TYPE .* ADD VALUE /s;

function notInScript(
  { object, kind, words, leftOut, comesWith, before, after }: Difference,
  isInScript: boolean,
  from: string,
  to: string,
): string[] {
  if (isInScript && leftOut.length === 0) return [];
  const said = isInScript ? "" : `: ${words.map(oneLine).join("; ")}`;
  const head = `-- ${oneLine(object)}${said}`;
  if (comesWith !== undefined) return [`${head}\n--   ${goesWith(kind, comesWith, oneLine)}`];
  const reasons = leftOut.map(({ what, why }) => `-- left out: ${oneLine(what)}: ${oneLine(why)}`);
  if (isInScript || before.length + after.length === 0) return [[head, ...reasons].join("\n")];
  const both = [
    `no safe SQL; ${from} has:`,
    ...before.map((one) => `${one};`),
    `${to} has:`,
    ...after.map((one) => `${one};`),
  ];
  return [[head, ...reasons, ...both.map((one) => one.replaceAll(/^/gm, "--   "))].join("\n")];
}

function oneLine(text: string): string {
  return text.replaceAll(/\s*\n\s*/g, " ");
}
