/** Who may import whom. Every file below src/ is held against the tables here. */
import { readdirSync, readFileSync } from "node:fs";
import { builtinModules } from "node:module";
import { dirname, join, relative, resolve } from "node:path";
import { describe, expect, it } from "vitest";

const root = resolve(import.meta.dirname, "..");
const src = join(root, "src");

/** What each folder may import besides itself and the vocabulary. */
const layers: Record<string, readonly string[]> = {
  cli: ["commands", "config", "database", "db", "migrate", "policies", "testdb", "version.ts"],
  commands: ["cli"],
  config: [],
  db: [],
  locks: ["db"],
  lint: ["db", "migrate", "locks"],
  migrate: ["db", "locks"],
  schema: ["db"],
  init: ["db"],
  doctor: ["db"],
  database: ["db"],
  setup: ["db", "migrate"],
  policies: ["db", "locks"],
  indexes: ["db"],
  testdb: ["db"],
  seed: ["db"],
  insight: ["db", "html"],
  handbook: ["db", "html"],
  html: [],
  typescript: ["db"],
  pii: ["db"],
  anonymize: ["db", "html"],
  reversibility: ["db"],
  diff: ["db"],
};

/** The only edges between features, each with its reason. */
const featureEdges: Record<string, string> = {
  "config → db": "passwords are taken out of what `config show` prints",
  "setup → migrate": "setup is migrate and what follows it, under one command",
  "migrate → schema":
    "baseline proves by a dump that the files give this database, a plan that it is unchanged",
  "migrate → database": "a migration marks the database of a protected environment",
  "setup → policies": "setup ends with what policies/ declares",
  "setup → insight": "setup ends with materialized views that nobody could read yet",
  "setup → database": "setup creates the database that is missing",
  "setup → seed": "and fills it where all tables are empty",
  "doctor → indexes": "an invalid index is told in the same words by both",
  "testdb → config": "its library has no command line: it reads pgwright.yaml itself",
  "testdb → migrate": "a template is what the migrations make of an empty database",
  "testdb → policies": "and what policies/ declares",
  "testdb → seed": "and what seeds/ fills it with",
  "testdb → database": "rights and settings of a database are read and given back by one code",
  "indexes → migrate":
    "indexes are rebuilt by the one migrator, under its lock and with its retries",
  "policies → config":
    "YAML files of policies/ are read, and their mistakes told, like pgwright.yaml",
  "policies → schema":
    "what follows an adopted table to its new parent is written as the dump writes it",
  "policies → database": "rights are not tried on a database that is marked as protected",
  "seed → config": "YAML files of seeds/ are read, and their mistakes told, like pgwright.yaml",
  "seed → database": "a database that is marked as protected is not seeded",
  "seed → policies": "partitions that the data needs are made as partitions.yaml declares them",
  "insight → config":
    "YAML files of policies/ are read, and their mistakes told, like pgwright.yaml",
  "insight → migrate": "a server's errors, and a client that is gone, are noticed as by migrations",
  "pii → config": "policies/pii.yaml is read, and its mistakes told, like pgwright.yaml",
  "anonymize → schema": "a copy's tables are made from the dump, parted around the rows",
  "anonymize → database":
    "a protected target is refused, an earlier copy replaced as db reset would",
  "anonymize → config": "policies/masking.yaml is read, and its mistakes told, like pgwright.yaml",
  "anonymize → pii":
    "what needs a rule is told by the scan, and what was masked is scanned once more",
  "anonymize → seed": "masks pick from the lists of words that seeds pick from",
  "lint → config": "the rule whose name is nearest to a misspelled one is told as for settings",
  "insight → database": "what writes is not run, even to be rolled back, on a protected database",
  "insight → indexes": "an index gets its name, and its place beside others, by one code",
  "insight → policies": "what a policy runs for every row is found by one code",
  "reversibility → migrate": "migrations are tried by the code that runs them",
  "reversibility → schema":
    "what a rollback restores is told by the dump, and put into words as by `diff`",
  "reversibility → testdb": "throwaway databases are test databases: marked, leased and pruned",
  "reversibility → seed": "rows that must survive a rollback are those that seeds are made of",
  "reversibility → policies":
    "partitions that the rows need are made as partitions.yaml declares them",
  "reversibility → database": "why a database cannot be created is told in the same words",
  "typescript → schema": "enums are read, and the file is written and compared, as for the dump",
  "typescript → policies": "a retired partition is no table of anybody's",
  "handbook → schema": "tables, keys and indexes are read, and written, as the dump does",
  "handbook → pii": "which columns look personal is told by the scan",
  "handbook → anonymize": "and masking.yaml says what a masked copy holds in their place",
  "handbook → policies": "audit, upkeep of partitions and measured access are read from policies/",
  "handbook → config": "mistakes in those files are told like those of pgwright.yaml",
  "diff → schema":
    "schemas are compared object by object, as the dump writes them, and put into words",
  "diff → migrate": "what the files make is seen in a throwaway database, as baseline does",
  "diff → testdb": "a dump is loaded as a template of test databases is",
  "policies → migrate":
    "a plan is applied by the one migrator, under its lock and with its retries",
};

/** What users import; they stand above all folders. */
const entries = ["index.ts", "testing.ts"];

const vocabulary = ["errors.ts", "findings.ts", "events.ts", "version.ts", "sql.d.ts"];

/** Packages that only one place may load. */
const fences: Record<string, readonly RegExp[]> = {
  postgres: [/^db\//],
  pg: [/^db\//],
  "libpg-query": [/^db\/(?:parser|script)\.ts$/],
  "node-pg-migrate": [/^migrate\/code\.ts$/],
  jiti: [/^migrate\/code\.ts$/],
  commander: [/^cli\//],
  "@commander-js/extra-typings": [/^cli\//],
  chalk: [/^cli\//],
  ora: [/^cli\//],
  zod: [/^config\//, /\/schema\.ts$/],
  "@faker-js/faker": [/^seed\//],
  yaml: [/^config\//],
  "d3-scale": [/^insight\/html\//],
  "d3-shape": [/^insight\/html\//, /^handbook\/diagram\//],
  "@dagrejs/dagre": [/^handbook\/diagram\//],
  "sql-formatter": [/^insight\/html\//],
  diff: [/^schema\/line-diff\.ts$/],
};

interface Import {
  readonly file: string;
  readonly target: string;
  readonly isTypeOnly: boolean;
  readonly isDynamic: boolean;
}

const files = readdirSync(src, { recursive: true, encoding: "utf8" })
  .filter((file) => file.endsWith(".ts"))
  .map((file) => file.replaceAll("\\", "/"));

/** Comments, templates and the strings that code is generated from. */
const notCode = /\/\*[\s\S]*?\*\/|`(?:[^`\\]|\\.)*`|'[^'\n]*'/g;

const imports = files.flatMap(readImports);

function readImports(file: string): Import[] {
  const text = readFileSync(join(src, file), "utf8").replaceAll(notCode, "");
  const found: Import[] = [];
  for (const [, type, target] of text.matchAll(
    /^(?:import|export)\s+(type\s)?(?:[^;"]*?\sfrom\s+)?"([^"]+)";/gm,
  )) {
    found.push({
      file,
      target: resolveTarget(file, target ?? ""),
      isTypeOnly: type !== undefined,
      isDynamic: false,
    });
  }
  for (const [, before, target] of text.matchAll(/(typeof )?import\("([^"]+)"\)/g)) {
    found.push({
      file,
      target: resolveTarget(file, target ?? ""),
      isTypeOnly: before !== undefined,
      isDynamic: true,
    });
  }
  return found;
}

/** A path below src/ for a relative import, the package's name otherwise. */
function resolveTarget(file: string, target: string): string {
  if (target.startsWith(".")) return relative(src, resolve(src, dirname(file), target));
  if (target.startsWith("node:") || builtinModules.includes(target)) return "node";
  const parts = target.split("/");
  return target.startsWith("@") ? parts.slice(0, 2).join("/") : (parts[0] ?? target);
}

const folderOf = (path: string) => path.split("/")[0] ?? path;
const isOurs = (target: string) => files.includes(target) || target.endsWith(".sql");

describe("architecture", () => {
  it("knows every folder", () => {
    const folders = new Set(files.map(folderOf).filter((name) => !name.endsWith(".ts")));
    expect([...folders].toSorted()).toEqual(Object.keys(layers).toSorted());
  });

  it("lets a folder import only what the table allows", () => {
    const wrong = imports
      .filter(({ file, target }) => isOurs(target) && !entries.includes(file))
      .filter(({ file, target }) => {
        const from = folderOf(file);
        const to = folderOf(target);
        if (from === to || vocabulary.includes(to) || vocabulary.includes(file)) return false;
        return !layers[from]?.includes(to) && featureEdges[`${from} → ${to}`] === undefined;
      })
      .filter(
        ({ file, isTypeOnly, isDynamic }) =>
          !(folderOf(file) === "commands" && (isTypeOnly || isDynamic)),
      )
      .filter(({ file, isTypeOnly }) => !(folderOf(file) === "cli" && isTypeOnly));
    expect(wrong.map(({ file, target }) => `${file} imports ${target}`)).toEqual([]);
  });

  it("keeps commands light: statically only the CLI's own declarations", () => {
    const allowed = [
      "cli/command.ts",
      "cli/options.ts",
      "cli/differing.ts",
      "cli/migrating.ts",
      "cli/testing.ts",
      "errors.ts",
      "findings.ts",
    ];
    const wrong = imports
      .filter(
        ({ file, isTypeOnly, isDynamic }) =>
          folderOf(file) === "commands" && !isTypeOnly && !isDynamic,
      )
      .filter(
        ({ file, target }) =>
          !allowed.includes(target) &&
          !(file === "commands/index.ts" && folderOf(target) === "commands"),
      );
    expect(wrong.map(({ file, target }) => `${file} imports ${target}`)).toEqual([]);
  });

  it("keeps each package behind its fence", () => {
    const wrong = imports
      .filter(({ target, isTypeOnly }) => fences[target] !== undefined && !isTypeOnly)
      .filter(({ file, target }) => !fences[target]?.some((fence) => fence.test(file)));
    expect(wrong.map(({ file, target }) => `${file} imports ${target}`)).toEqual([]);
  });

  it("names every package it uses in package.json", () => {
    const packageJson = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as Record<
      string,
      Record<string, string>
    >;
    const known = {
      ...packageJson["dependencies"],
      ...packageJson["devDependencies"],
      ...packageJson["optionalDependencies"],
    };
    const used = new Set(
      imports.map(({ target }) => target).filter((target) => !isOurs(target) && target !== "node"),
    );
    expect([...used].filter((name) => known[name] === undefined)).toEqual([]);
  });

  it("touches process and console only in cli/", () => {
    const wrong = files
      .filter((file) => folderOf(file) !== "cli")
      .filter((file) =>
        /(?<![\w.$"'`-])(?:process\.(?!platform|arch|getuid|kill|pid)\w+|console\.\w+)/.test(
          code(file),
        ),
      );
    expect(wrong).toEqual([]);
  });

  it("leaves only in cli/", () => {
    expect(
      files.filter((file) => /process\.exit\b/.test(code(file)) && folderOf(file) !== "cli"),
    ).toEqual([]);
  });

  it("has no import cycle between folders", () => {
    const edges = new Map<string, Set<string>>();
    for (const { file, target, isTypeOnly } of imports) {
      if (!isOurs(target) || isTypeOnly) continue;
      const from = folderOf(file);
      const to = folderOf(target);
      if (from !== to && !from.endsWith(".ts") && !to.endsWith(".ts")) {
        edges.set(from, (edges.get(from) ?? new Set()).add(to));
      }
    }
    // cli → commands is the list; commands → cli are the declarations' own tools.
    edges.get("commands")?.delete("cli");
    const visit = (folder: string, path: readonly string[]): string[] | undefined => {
      if (path.includes(folder)) return [...path, folder];
      for (const next of edges.get(folder) ?? []) {
        const cycle = visit(next, [...path, folder]);
        if (cycle) return cycle;
      }
      return undefined;
    };
    expect([...edges.keys()].map((folder) => visit(folder, [])).filter(Boolean)).toEqual([]);
  });

  it("keeps files short enough to read in one go", () => {
    const long = files
      .map((file) => ({ file, lines: readFileSync(join(src, file), "utf8").split("\n").length }))
      .filter(({ lines }) => lines > 340);
    expect(long).toEqual([]);
  });
});

/** A file without its comments and strings. */
function code(file: string): string {
  return readFileSync(join(src, file), "utf8")
    .replaceAll(/\/\*[\s\S]*?\*\//g, "")
    .replaceAll(/\/\/.*$/gm, "")
    .replaceAll(/"(?:[^"\\\n]|\\.)*"/g, '""');
}
