import { execFile } from "node:child_process";
import { appendFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Cluster } from "./cluster.ts";
import { clientOf } from "./doctor.ts";
import { eventually } from "./eventually.ts";

/** Makes `copy` a standby of `primary`; both run afterwards, and it streams. */
export async function follows(copy: Cluster, primary: Cluster): Promise<void> {
  await copy.stop();
  await primary.stop();
  const { dataDirectory } = copy;
  await rm(dataDirectory, { recursive: true });
  // The files must go on belonging to the servers' account, which fs.cp() does not see to.
  await promisify(execFile)("cp", ["-a", primary.dataDirectory, dataDirectory]);
  // Written into a copied file, so that it belongs to that account too.
  await promisify(execFile)("cp", [
    "-a",
    join(dataDirectory, "PG_VERSION"),
    join(dataDirectory, "standby.signal"),
  ]);
  await writeFile(join(dataDirectory, "standby.signal"), "");
  await appendFile(
    join(dataDirectory, "postgresql.auto.conf"),
    `primary_conninfo = 'host=127.0.0.1 port=${primary.port} user=postgres application_name=second'\n`,
  );
  await primary.start();
  await copy.start();
  const sql = clientOf(primary);
  await eventually(
    async () => (await sql`select from pg_stat_replication where state = 'streaming'`).length,
    "the standby to stream",
  );
  await sql.end();
}
