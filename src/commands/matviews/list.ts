import { defineCommand } from "../../cli/command.ts";
import { failOn } from "../../cli/options.ts";
import type { View } from "../../cli/render/view.ts";
import { reaches } from "../../findings.ts";
import type { ListedMatview, MatviewList } from "../../insight/matviews/list.ts";

export const matviewsList = defineCommand({
  path: "matviews list",
  summary: "List materialized views: size, age, and what they read",
  description:
    "In the order in which they are refreshed. The age is that of the oldest data in a view, as far as refreshes are on record; " +
    "`!` marks what is further behind than policies/matviews.yaml promises. Reads only, and no view itself.",
  examples: [
    { run: "pgwright matviews list", says: "every view, and how they depend on each other" },
    {
      run: "pgwright matviews list --json | jq '.result.views[] | {view, age}'",
      says: "for monitoring",
    },
  ],
  configure: (command) => command.addOption(failOn()),
  async run(context): Promise<MatviewList> {
    const { settings } = await context.config();
    const { relative } = await import("node:path");
    const { readDeclaredMatviews } = await import("../../insight/matviews/declared.ts");
    const { listMatviews } = await import("../../insight/matviews/list.ts");
    const { directory } = settings.policies;
    const declared = await readDeclaredMatviews(
      directory,
      relative(context.workingDirectory, directory),
    );
    await using session = await context.connect({ writes: false });
    return await listMatviews(session, declared);
  },
  findings: (result) => result.findings,
  exit: ({ findings }, { failOn }) => (failOn !== undefined && reaches(findings, failOn) ? 1 : 0),
  text(result, view) {
    if (result.views.length === 0) return "No materialized views";
    return [table(result, view), graph(result, view)].filter((part) => part !== "").join("\n\n");
  },
});

function table({ views }: MatviewList, view: View): string {
  return view.table({
    columns: [
      { title: "view" },
      { title: "rows", align: "right" },
      { title: "size", align: "right" },
      { title: "age", align: "right" },
      { title: "promised", align: "right" },
      { title: "took", align: "right" },
      { title: "refresh" },
      { title: "since then" },
    ],
    rows: views.map((one) => [
      one.view,
      rowsOf(one, view),
      one.bytes === null ? "locked" : view.bytes(one.bytes),
      ageOf(one, view),
      one.maxAge === null ? "" : view.age(one.maxAge),
      one.durations[0] === undefined ? "" : view.duration(one.durations[0]),
      one.whyPlain === null ? "concurrently" : view.style.yellow(`plain: ${one.whyPlain}`),
      sinceThen(one, view),
    ]),
  });
}

function rowsOf({ rows, isEstimate }: ListedMatview, view: View): string {
  if (rows === null) return "";
  return `${isEstimate ? "~" : ""}${view.count(Math.round(rows))}`;
}

function ageOf({ age, behind, maxAge }: ListedMatview, view: View): string {
  if (age === null) return "?";
  const text = view.age(age);
  return maxAge !== null && (behind ?? Infinity) > maxAge ? view.style.red(`${text} !`) : text;
}

function sinceThen({ refreshedAt, changed }: ListedMatview, { style }: View): string {
  if (refreshedAt === null) return "";
  return changed ?? style.dim("no change");
}

/** Only where one reads another: the rest is clear without. */
function graph({ views }: MatviewList, { style }: View): string {
  if (views.every(({ reads }) => reads.length === 0)) return "";
  const lines: string[] = [];
  const visit = (one: ListedMatview, depth: number, through: readonly string[]) => {
    const way = through.length === 0 ? "" : style.dim(`  through ${through.join(", ")}`);
    lines.push(`${"   ".repeat(depth)}${depth > 0 ? style.dim("└─ ") : ""}${one.view}${way}`);
    for (const other of views) {
      const edge = other.reads.find(({ view }) => view === one.view);
      // Upwards, as pg_depend has it: the nearest to the reader came first.
      if (edge) visit(other, depth + 1, edge.through.toReversed());
    }
  };
  for (const one of views) if (one.reads.length === 0) visit(one, 0, []);
  return `${style.bold("read by")}\n${lines.join("\n")}`;
}
