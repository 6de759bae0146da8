/** What the commands on test databases need, from configuration and flags. */
import type { TestServer } from "../testdb/server.ts";
import type { Context } from "./context.ts";

/** The server that test databases are made on. */
export async function testServer(context: Context): Promise<TestServer> {
  const { formatUrl } = await import("../database/connection-string.ts");
  const { directOptions, isProtected, environmentName } = await context.place();
  return {
    open: (need) => context.connect(need),
    urlOf: (database) => formatUrl({ ...directOptions, database }),
    protectedBy: isProtected ? environmentName : undefined,
  };
}
