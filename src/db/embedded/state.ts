import { randomBytes } from "node:crypto";
import { chown, readFile, rename, stat, writeFile } from "node:fs/promises";
import { basename, dirname } from "node:path";
import { isRoot } from "./account.ts";

/** What is kept of a server between two runs, beside its data. */
export interface ServerState {
  /** Database made with the cluster, named after the project. */
  readonly database: string;
  /** Where it listened last; taken again when it is free. */
  readonly port?: number | undefined;
  /** "18.4": the binaries it was started with last. */
  readonly version?: string | undefined;
}

/** Reads the state. A damaged file counts as none: all in it can be chosen anew. */
export async function readState(path: string): Promise<Partial<ServerState>> {
  try {
    const read: unknown = JSON.parse(await readFile(path, "utf8"));
    const found = (typeof read === "object" && read !== null ? read : {}) as Record<
      string,
      unknown
    >;
    const { database, port, version } = found;
    return {
      ...(typeof database === "string" ? { database } : {}),
      ...(isPort(port) ? { port } : {}),
      ...(typeof version === "string" ? { version } : {}),
    };
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (error instanceof SyntaxError || code === "ENOENT") return {};
    throw error;
  }
}

function isPort(value: unknown): value is number {
  return Number.isInteger(value) && Number(value) > 0 && Number(value) < 65_536;
}

export async function writeState(path: string, state: ServerState): Promise<void> {
  await writePrivately(path, `${JSON.stringify(state, null, 2)}\n`);
}

/**
 * Replaces a file at once, readable for its owner alone, who is the owner of its folder: what root
 * writes in a user's project must not lock that user out.
 */
export async function writePrivately(path: string, text: string): Promise<void> {
  const draft = `${path}.${randomBytes(4).toString("hex")}`;
  await writeFile(draft, text, { mode: 0o600, flag: "wx" });
  if (isRoot()) {
    const { uid, gid } = await stat(dirname(path));
    await chown(draft, uid, gid);
  }
  await rename(draft, path);
}

/**
 * A database name from the project's folder: lower-case letters, digits and underscores, so that
 * no tool has to quote it. `app` where nothing is left or the name is one of PostgreSQL's own.
 */
export function databaseNameOf(projectDirectory: string): string {
  const name = basename(projectDirectory)
    .normalize("NFKD")
    .toLowerCase()
    .replaceAll(/\p{M}/gu, "")
    .replaceAll(/[^a-z0-9]+/g, "_")
    .replaceAll(/^[_0-9]+|_+$/g, "")
    .slice(0, 63);
  return ["", "postgres", "template0", "template1"].includes(name) ? "app" : name;
}
