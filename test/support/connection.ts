import { connect, type ConnectSettings } from "../../src/db/connect.ts";
import { resolveConnection } from "../../src/db/libpq.ts";
import type { Session } from "../../src/db/session.ts";

/** Connects as the command line would, but blind to this machine's PG* variables and files. */
export function connectTo(
  url: string,
  settings: Partial<ConnectSettings> = {},
  environment: Readonly<Record<string, string>> = {},
  homeDirectory = "/nonexistent",
): Promise<Session> {
  return connect(resolveConnection({ url, environment, homeDirectory, userName: "nobody" }), {
    applicationName: "pgwright test",
    writes: false,
    ...settings,
  });
}
