import { spawn, spawnSync } from "node:child_process";
import { chmod, writeFile } from "node:fs/promises";
import { join } from "node:path";
import postgres from "postgres";
import { findFreePort } from "../../src/db/embedded/port.ts";
import { serverUrl } from "./database.ts";
import { eventually } from "./eventually.ts";
import { withFolder } from "./folder.ts";

/** Where Debian puts it is not in everybody's PATH. */
const program = ["pgbouncer", "/usr/sbin/pgbouncer"].find(
  (name) => spawnSync(name, ["--version"]).status === 0,
);

export const hasPooler = program !== undefined;

export interface TestPooler extends AsyncDisposable {
  /** The same database, through the pooler. */
  urlOf(directUrl: string): string;
}

/** PgBouncer in transaction mode in front of the tests' server. */
export async function withPooler(poolSize: number): Promise<TestPooler> {
  if (program === undefined) throw new Error("there is no pgbouncer");
  const server = new URL(serverUrl());
  const port = await findFreePort();
  const password = server.password === "" ? "" : ` password=${decodeURIComponent(server.password)}`;
  const folder = await withFolder();
  const settings = join(folder.path, "pgbouncer.ini");
  await writeFile(
    settings,
    `[databases]
* = host=${server.hostname} port=${server.port || 5432} user=${decodeURIComponent(server.username)}${password}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = ${poolSize}
`,
  );
  await chmod(folder.path, 0o755);
  await chmod(settings, 0o644);
  // It refuses to run as root.
  const asOther = process.getuid?.() === 0 ? ["-u", "nobody"] : [];
  const child = spawn(program, [...asOther, settings], { stdio: ["ignore", "ignore", "pipe"] });
  let log = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (log += text));
  const ended = new Promise<void>((resolve) => child.once("close", () => resolve()));
  const urlOf = (directUrl: string): string => {
    const url = new URL(directUrl);
    url.hostname = "127.0.0.1";
    url.port = String(port);
    return url.href;
  };
  await eventually(async () => {
    if (child.exitCode !== null) throw new Error(`pgbouncer ended: ${log}`);
    const sql = postgres(urlOf(serverUrl()), { max: 1, prepare: false, connect_timeout: 2 });
    try {
      return (await sql`select 1 as one`).length === 1;
    } catch {
      return false; // not up yet
    } finally {
      await sql.end({ timeout: 1 });
    }
  }, "pgbouncer to answer");
  return {
    urlOf,
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await ended;
      await folder[Symbol.asyncDispose]();
    },
  };
}
