import { startCluster } from "./cluster.ts";

/**
 * Gives the tests a server: that of TEST_DATABASE_URL if set, else a throwaway embedded one, of the
 * major version in PGWRIGHT_TEST_VERSION or the installed one.
 */
export async function setup(): Promise<(() => Promise<void>) | undefined> {
  if (process.env["TEST_DATABASE_URL"]) return undefined;
  const wanted = process.env["PGWRIGHT_TEST_VERSION"];
  const cluster = await startCluster(wanted ? { version: Number(wanted) } : {});
  process.env["TEST_DATABASE_URL"] = cluster.url;
  return async () => {
    delete process.env["TEST_DATABASE_URL"];
    await cluster[Symbol.asyncDispose]();
  };
}
