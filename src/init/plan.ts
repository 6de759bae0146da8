/** What `init` would write into a folder. */
import { readdir, readFile, stat } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { PgwrightError } from "../errors.ts";
import { newConfigFile } from "./template.ts";

export interface InitStep {
  /** `keep` leaves something alone that was there before. */
  readonly action: "create" | "append" | "keep";
  /** Relative to the project, with `/`. */
  readonly path: string;
  /** The whole text of a new file, or the lines that are added. */
  readonly content: string;
}

export interface InitPlan {
  /** The project's folder, absolute. */
  readonly directory: string;
  /** In the order they are carried out: pgwright.yaml, which makes it a project, is last. */
  readonly steps: readonly InitStep[];
  /** Migrations were here before. */
  readonly hasMigrations: boolean;
}

/**
 * Plans a new project; reads only.
 *
 * @throws PgwrightError `file-exists` when a project is there already or a file stands where a
 * folder has to be; it lists all of them.
 */
export async function planInit(directory: string): Promise<InitPlan> {
  const inTheWay: string[] = [];
  for (const name of ["pgwright.yaml", "pgwright.yml"]) {
    if ((await kindOf(join(directory, name))) !== undefined) inTheWay.push(name);
  }
  const steps: InitStep[] = [];
  let hasMigrations = false;
  for (const name of ["migrations", "policies", "seeds"]) {
    const path = join(directory, name);
    const kind = await kindOf(path);
    if (kind === "file") inTheWay.push(name);
    else if (kind === undefined) {
      // Git keeps no empty folders.
      steps.push({ action: "create", path: `${name}/.gitkeep`, content: "" });
    } else {
      steps.push({ action: "keep", path: `${name}/`, content: "" });
      if (name === "migrations") hasMigrations = (await readdir(path)).some(isMigration);
    }
  }
  if (inTheWay.length > 0) throw alreadyThere(directory, inTheWay);
  steps.push(await planGitignore(directory), {
    action: "create",
    path: "pgwright.yaml",
    content: newConfigFile(await findSchema(directory)),
  });
  return { directory, steps, hasMigrations };
}

function alreadyThere(directory: string, names: readonly string[]): PgwrightError {
  return new PgwrightError(
    "file-exists",
    `${directory} already has ${names.join(", ")}; nothing was written`,
    {
      hint: names.some((name) => name.startsWith("pgwright."))
        ? "this is a project already; `pgwright config show` shows its settings"
        : `move ${names.join(", ")} away, or name another folder: \`pgwright init <folder>\``,
    },
  );
}

function isMigration(name: string): boolean {
  return /\.(sql|ts|js|mjs)$/.test(name);
}

// The embedded server's data, and passwords.
const ignored = [".pgwright/", ".env"];

async function planGitignore(directory: string): Promise<InitStep> {
  const path = ".gitignore";
  const kind = await kindOf(join(directory, path));
  if (kind === undefined) return { action: "create", path, content: `${ignored.join("\n")}\n` };
  const text = await readFile(join(directory, path), "utf8");
  const present = new Set(
    text.split(/\r?\n/).map((line) => line.trim().replaceAll(/^\/|\/$/g, "")),
  );
  const missing = ignored.filter((line) => !present.has(line.replace(/\/$/, "")));
  if (missing.length === 0) return { action: "keep", path, content: "" };
  const lineEnd = text.includes("\r\n") ? "\r\n" : "\n";
  const start = text === "" || text.endsWith("\n") ? "" : lineEnd;
  return {
    action: "append",
    path,
    content: start + missing.map((line) => line + lineEnd).join(""),
  };
}

/** The JSON schema of a pgwright installed in this project or above it, as a relative path. */
async function findSchema(directory: string): Promise<string | undefined> {
  for (let folder = directory; ; folder = dirname(folder)) {
    const schema = join(folder, "node_modules", "pgwright", "schema", "config.json");
    if ((await kindOf(schema)) === "file") {
      const path = relative(directory, schema).replaceAll("\\", "/");
      return path.startsWith(".") ? path : `./${path}`;
    }
    if (dirname(folder) === folder) return undefined;
  }
}

async function kindOf(path: string): Promise<"file" | "folder" | undefined> {
  try {
    return (await stat(path)).isDirectory() ? "folder" : "file";
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    throw error;
  }
}
