import { chmod, mkdir, mkdtemp, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type EmbeddedLocation, stopEmbedded } from "../../src/db/embedded/server.ts";

export interface TestProject extends AsyncDisposable {
  /** An empty folder with a space, capitals and a dash in its name: "My Test-Project". */
  readonly directory: string;
  readonly location: EmbeddedLocation;
}

/** A project folder of its own; its embedded server is stopped and everything removed at the end. */
export async function withProject(): Promise<TestProject> {
  const parent = await realpath(await mkdtemp(join(tmpdir(), "pgwright-project-")));
  await chmod(parent, 0o755);
  const directory = join(parent, "My Test-Project");
  await mkdir(directory);
  const location = { projectDirectory: directory, cacheDirectory: join(parent, "cache") };
  return {
    directory,
    location,
    async [Symbol.asyncDispose]() {
      await stopEmbedded(location);
      await rm(parent, { recursive: true, force: true });
    },
  };
}
