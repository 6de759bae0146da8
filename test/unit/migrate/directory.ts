import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

export interface TestDirectory extends AsyncDisposable {
  /** Its path has a space in it. */
  readonly path: string;
  /** Writes files; `undefined` deletes one. */
  readonly write: (files: Record<string, string | Uint8Array | undefined>) => Promise<void>;
}

/** A fresh directory with these files, gone at the end of the test. */
export async function withDirectory(
  files: Record<string, string | Uint8Array> = {},
): Promise<TestDirectory> {
  const root = await mkdtemp(join(tmpdir(), "pgwright-"));
  const path = join(root, "my migrations");
  await mkdir(path);
  const write: TestDirectory["write"] = async (changes) => {
    for (const [name, content] of Object.entries(changes)) {
      const file = join(path, name);
      await mkdir(dirname(file), { recursive: true });
      if (content === undefined) await rm(file);
      else await writeFile(file, content);
    }
  };
  await write(files);
  return {
    path,
    write,
    async [Symbol.asyncDispose]() {
      await rm(root, { recursive: true, force: true });
    },
  };
}

/** A migration with both sections. */
export function migration(up: string, down = "select 1;", head = ""): string {
  return `${head}-- migrate:up\n${up}\n\n-- migrate:down\n${down}\n`;
}
