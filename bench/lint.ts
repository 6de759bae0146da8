/** `lint` beside squawk: time for 1,000 files, and what each finds in the corpus. */
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { lintFiles } from "../src/lint/lint.ts";
import { lintRules } from "../src/lint/rules/list.ts";
import { readCorpus, corpusSchema } from "../test/support/lint-corpus.ts";
import type { CorpusCase } from "../test/support/lint-corpus.ts";
import type { Benchmark, Place } from "./main.ts";

const fileCount = 1000;

/** Rules of squawk about what every runner must bring, and pgwright does: said of nearly every file. */
const aboutRunners = [
  "prefer-robust-stmts",
  "require-lock-timeout",
  "require-statement-timeout",
  "require-timeout-settings",
];

export async function lintBesideSquawk({ root }: Place): Promise<Benchmark> {
  const folder = mkdtempSync(join(tmpdir(), "pgwright-bench-"));
  const squawk = join(root, "node_modules/.bin/squawk");
  if (!existsSync(squawk)) throw new Error("squawk-cli is not installed: npm install");
  const binary = execFileSync(process.execPath, ["-e", locate], { cwd: root }).toString().trim();
  const corpus = readCorpus();
  const many = join(folder, "many");
  mkdirSync(many);
  for (let i = 0; i < fileCount; i += 1) {
    const one = corpus[i % corpus.length];
    writeFileSync(join(many, `${String(i).padStart(4, "0")}.sql`), one?.sql ?? "");
  }
  // Both exit 1 for findings, which is what they are here for.
  const shell = (name: string, command: string) => ({
    name,
    command: "sh",
    args: ["-c", `${command} >/dev/null; test $? -le 1`],
    directory: folder,
  });
  return {
    title: `lint of ${fileCount} files`,
    runs: 5,
    contenders: [
      shell("squawk, its binary alone", `${binary} --reporter json many/*.sql`),
      shell("squawk, as npm runs it", `${squawk} --reporter json many/*.sql`),
      shell(
        "pgwright lint",
        `${process.execPath} ${join(root, "bin/pgwright.cjs")} lint many --json`,
      ),
    ],
    targets: ["at most 2 times squawk"],
    remarks: async () => compareFindings(corpus, folder, binary),
    cleanUp: async () => rmSync(folder, { recursive: true }),
  };
}

const locate = `const { platform, arch } = process; console.log(require.resolve("@squawk-cli/" + platform + "-" + arch + "/bin/squawk"))`;

async function compareFindings(
  corpus: readonly CorpusCase[],
  folder: string,
  squawk: string,
): Promise<string[]> {
  const rows = corpus.map((one, index) => {
    const path = join(folder, `case-${index}.sql`);
    writeFileSync(path, one.sql);
    return { ...one, path, squawk: new Set<string>(), ours: new Set<string>() };
  });
  const said = spawnSync(
    squawk,
    ["--pg-version", "15.0", "--reporter", "json", ...rows.map(({ path }) => path)],
    {
      maxBuffer: 1e8,
    },
  );
  if (said.stdout.length === 0) throw new Error(`squawk: ${said.stderr.toString().slice(0, 2000)}`);
  for (const { file, rule_name } of JSON.parse(said.stdout.toString()) as {
    file: string;
    rule_name: string;
  }[]) {
    rows.find(({ path }) => path === file)?.squawk.add(rule_name);
  }
  const schema = join(folder, "schema.sql");
  writeFileSync(schema, corpusSchema);
  for (const row of rows) {
    const given = join(folder, "given.sql");
    writeFileSync(given, row.given || "SELECT 1;\n");
    const { findings } = await lintFiles({
      directory: join(folder, "none"),
      paths: [schema, given, row.path],
      workingDirectory: "/",
      base: undefined,
      environment: {},
      server: row.server,
      session: undefined,
      ledger: { schema: "public", table: "schema_migrations" },
      online: false,
    });
    for (const { rule, at } of findings) {
      if (at?.file === row.path) row.ours.add(rule.replace(/^lint\//, ""));
    }
  }
  const squawkOf = (name: string) => lintRules.find((rule) => rule.name === name)?.squawk ?? [];
  const meant = ({ squawk: found }: { squawk: Set<string> }) =>
    [...found].filter((rule) => !aboutRunners.includes(rule));
  const good = rows.filter(({ isBad }) => !isBad);
  const bad = rows.filter(({ isBad }) => isBad);
  const finds = (row: (typeof rows)[number]) =>
    row.expected.some((name) => squawkOf(name).some((rule) => row.squawk.has(rule)));
  const shared = bad.filter(({ expected }) => expected.some((name) => squawkOf(name).length > 0));
  const table = lintRules.flatMap(({ name }) => {
    const own = bad.filter(({ expected }) => expected[0] === name || expected.includes(name));
    if (own.length === 0) return [];
    const theirs = own.filter((row) => squawkOf(name).some((rule) => row.squawk.has(rule))).length;
    return [
      `  ${name.padEnd(30)}${String(own.length).padStart(4)}${String(own.filter((row) => row.ours.has(name)).length).padStart(8)}${(squawkOf(name).length === 0 ? "–" : String(theirs)).padStart(8)}`,
    ];
  });
  const alarms = new Map<string, number>();
  for (const rule of good.flatMap(meant)) alarms.set(rule, (alarms.get(rule) ?? 0) + 1);
  return [
    `  ${"rule".padEnd(30)}${"bad".padStart(4)}${"ours".padStart(8)}${"squawk".padStart(8)}  (– has no such rule)`,
    ...table,
    `bad statements found: pgwright ${bad.filter((row) => row.expected.every((name) => row.ours.has(name))).length}, squawk ${bad.filter(finds).length} of ${bad.length}; of the ${shared.length} that squawk has a rule for, squawk ${shared.filter(finds).length}`,
    `good statements with a finding: pgwright ${good.filter(({ ours }) => ours.size > 0).length}, squawk ${good.filter((row) => meant(row).length > 0).length} of ${good.length} (${good.filter(({ squawk: found }) => found.size > 0).length} with its rules about runners: ${aboutRunners.join(", ")})`,
    `squawk on the good ones: ${[...alarms]
      .toSorted((a, b) => b[1] - a[1])
      .map(([rule, count]) => `${rule} ${count}`)
      .join(", ")}`,
  ];
}
