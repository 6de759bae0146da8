import { mkdir, mkdtemp, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

export interface TestFolder extends AsyncDisposable {
  readonly path: string;
}

/** A fresh folder with these files in it (path to text), removed at the end; its name has a space. */
export async function withFolder(
  files: Readonly<Record<string, string>> = {},
): Promise<TestFolder> {
  const path = await realpath(await mkdtemp(join(tmpdir(), "pgwright test ")));
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(path, name)), { recursive: true });
    await writeFile(join(path, name), text);
  }
  return {
    path,
    async [Symbol.asyncDispose]() {
      await rm(path, { recursive: true, force: true });
    },
  };
}
