/** What a command prints, written down so that it can be compared and read. */
import { hostname } from "node:os";
import type { Outcome } from "./cli.ts";

/** Texts that differ from run to run, and what stands for each. */
export type Hidden = Readonly<Record<string, string>>;

// What tells nothing about the message: numbers of this run and of this machine. One place below
// is as good as another, so a wrong unit or a missing number still shows.
const volatile: readonly (readonly [RegExp, string])[] = [
  [/\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?(Z| UTC|[+-]\d\d)?/g, "2026-01-01T00:00:00Z"],
  [/(?<=127\.0\.0\.1:|"port": )\d+/g, "5432"],
  [/(?<=\bpid |"pid": )\d+/g, "4711"],
  [/(?<=pg_terminate_backend\()\d+/g, "4711"],
  [/(?<=PostgreSQL |"serverVersion": ")(1[5-9]|[2-9]\d)(\.\d+|beta\d|rc\d)*/g, "18.0"],
  [/(?<="durationMs": )[\d.]+/g, "1"],
  [/(?<=^[✓✗] .* )\d+(\.\d+)? m?s$/gm, "1 ms"],
  [/(?<=pgwright )\d+\.\d+\.\d+, Node \S+, .*?(?="|$)/gm, "0.0.0, Node 20.0.0, linux x64"],
  [/(?<=\b(connected|transaction open for|tries over|in) )\d+(\.\d+)? (?=s\b)/g, "1 "],
  [/(?<=\b(applied|by \w+) on )\d{4}-\d\d-\d\d/g, "2026-01-01"],
  [/\d+ tries over/g, "3 tries over"],
  // How many tries there were, and whether the blocker was caught in the act, depends on the load.
  [/(no lock, try )\d+;.*(\n.*no lock, try .*)*/g, "$11; …"],
  [/(?<= GMT \[)\d+/g, "4711"],
  [/(?<=pgwright_baseline_)[0-9a-f]{8}/g, "00000000"],
  [/Test [0-9a-f]{12}/g, "Test"],
];

/** The text with everything that differs from run to run replaced. */
export function steady(text: string, hidden: Hidden): string {
  let shown = text;
  for (const [found, meant] of Object.entries({ ...hidden, [hostname()]: "host" })) {
    shown = shown.replaceAll(found, meant);
  }
  return volatile.reduce(
    (steadier, [pattern, meant]) => steadier.replaceAll(pattern, meant),
    shown,
  );
}

/** One command with its outcome. */
export function describeOutcome(
  args: readonly string[],
  { code, stdout, stderr }: Outcome,
  hidden: Hidden,
): string {
  const typed = args.map((arg) => (/^[\w./:=-]+$/.test(arg) ? arg : `'${arg}'`)).join(" ");
  return steady(
    [
      `$ pgwright ${typed}`,
      `[exit ${code}]`,
      ...(stdout === "" ? [] : ["[stdout]", stdout.trimEnd()]),
      ...(stderr === "" ? [] : ["[stderr]", stderr.trimEnd()]),
    ].join("\n"),
    hidden,
  );
}
