import { homedir } from "node:os";
import { join } from "node:path";
import type { EmbeddedLocation } from "../db/embedded/server.ts";
import type { Config } from "./load.ts";

/** Where this project's embedded server keeps its data. */
export function locateEmbedded({ directory, settings, environment }: Config): EmbeddedLocation {
  const { settings: given, port } = settings.embedded;
  return {
    projectDirectory: directory,
    cacheDirectory: join(environment["XDG_CACHE_HOME"] || join(homedir(), ".cache"), "pgwright"),
    ...(given === undefined ? {} : { settings: given }),
    ...(port === undefined ? {} : { port }),
  };
}
