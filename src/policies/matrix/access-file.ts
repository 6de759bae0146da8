/** `policies/access.yaml`: the matrix as text, sorted, a line for each command. */
import { randomBytes } from "node:crypto";
import { readFile, rename, rm, writeFile } from "node:fs/promises";
import type { Mistake } from "../../config/mistake.ts";
import { readTextFile } from "../../config/text-file.ts";
import { parseYamlFile } from "../../config/yaml-file.ts";
import { PgwrightError, type Location } from "../../errors.ts";
import { byPersona, type Access, type Cell } from "./access.ts";
import { accessSchema } from "./schema.ts";

const head = `# Who may do what with the rows of test.sql: measured, not written by hand.
# pgwright policies test compares it with the database, pgwright policies test --write writes it.
# A role may do nothing with a relation, and no command, that is not listed.
# user: signed in; nobody: no identity. own, others, shared: whose rows. Review a change like code.
`;

export interface AccessFile {
  readonly data: Access;
  readonly locations: ReadonlyMap<string, Location>;
}

/** The file's whole text. */
export function renderAccess({ rows, access }: Access): string {
  const lines = [head.trimEnd(), "", mapping("rows", rows, 0)];
  for (const [relation, text] of sorted(rows)) lines.push(`  ${key(relation)}: ${text}`);
  lines.push("", mapping("access", access, 0));
  for (const [role, relations] of sorted(access)) {
    lines.push(mapping(role, relations, 1));
    for (const [relation, cells] of sorted(relations)) {
      lines.push(mapping(relation, cells, 2));
      for (const [command, cell] of sortedCommands(cells)) {
        lines.push(`      ${key(command)}: { ${renderCell(cell)} }`);
      }
    }
  }
  return `${lines.join("\n")}\n`;
}

function mapping(name: string, content: object, depth: number): string {
  const isEmpty = Object.keys(content).length === 0;
  return `${"  ".repeat(depth)}${key(name)}:${isEmpty ? " {}" : ""}`;
}

const commandOrder = [
  "select",
  "select columns",
  "insert",
  "insert columns",
  "update",
  "update columns",
  "give away",
  "delete",
  "also",
  "partitions",
];

function renderCell(cell: Cell): string {
  return Object.entries(cell)
    .toSorted(([one], [other]) => byPersona(one, other))
    .map(([persona, text]) => `${key(persona)}: ${scalar(text)}`)
    .join(", ");
}

function sortedCommands(cells: Readonly<Record<string, Cell>>): [string, Cell][] {
  return Object.entries(cells).toSorted(
    ([one], [other]) => commandOrder.indexOf(one) - commandOrder.indexOf(other),
  );
}

function sorted<T>(record: Readonly<Record<string, T>>): [string, T][] {
  return Object.entries(record).toSorted(([one], [other]) => (one < other ? -1 : 1));
}

// What YAML could read as something else is quoted.
const plain = /^[A-Za-z_][\w.$ -]*$/;
const words = /^(?:true|false|null|yes|no|on|off|y|n)$/i;

function key(name: string): string {
  return plain.test(name) && !words.test(name) && name.trim() === name
    ? name
    : JSON.stringify(name);
}

function scalar(text: string): string {
  return text
    .split(" + ")
    .every((part) => key(part) === part || /^[a-z][\w ]* \d+\/\d+$/.test(part))
    ? text
    : JSON.stringify(text);
}

/**
 * The file's content; undefined when it is not there. Mistakes are added to `mistakes`, and the
 * content is undefined then as well.
 */
export async function readAccessFile(
  path: string,
  shown: string,
  mistakes: Mistake[],
): Promise<AccessFile | undefined> {
  if ((await readText(path)) === undefined) return undefined;
  let text: string;
  try {
    text = await readTextFile(path, shown, "policies-unreadable");
  } catch (error) {
    if (!(error instanceof PgwrightError)) throw error;
    // A mistake like any other: `--write` makes the file anew.
    mistakes.push({ at: error.details.at, message: error.message });
    return undefined;
  }
  const parsed = parseYamlFile(accessSchema, text, shown, mistakes);
  return parsed && { data: parsed.data, locations: parsed.locations };
}

/** Text of a file, or undefined when it is not there. */
export async function readText(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw unwritable(path, "read", error);
  }
}

/** Writes the file in one step, so that a reader sees the old text or the new one. */
export async function writeAccessFile(path: string, text: string): Promise<void> {
  const draft = `${path}.${randomBytes(4).toString("hex")}.tmp`;
  try {
    await writeFile(draft, text, { flag: "wx" });
    await rename(draft, path);
  } catch (error) {
    await rm(draft, { force: true });
    throw unwritable(path, "written", error);
  }
}

function unwritable(path: string, verb: "read" | "written", cause: unknown): PgwrightError {
  const why =
    cause instanceof Error ? cause.message.replace(/, \w+(?: '.*)?$/s, "") : String(cause);
  return new PgwrightError("file-unwritable", `${path} cannot be ${verb}: ${why}`, { cause });
}
