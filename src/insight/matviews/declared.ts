/** `policies/matviews.yaml`: how fresh each materialized view is promised to be. */
import { join } from "node:path";
import { throwMistakes, type Mistake } from "../../config/mistake.ts";
import { readTextFile } from "../../config/text-file.ts";
import { parseYamlFile } from "../../config/yaml-file.ts";
import { qualified, splitName } from "../../db/identifier.ts";
import { PgwrightError, type Location } from "../../errors.ts";
import { matviewsSchema } from "./schema.ts";

export const matviewsFile = "matviews.yaml";

export interface DeclaredAge {
  /** As SQL writes it. */
  readonly view: string;
  readonly ms: number;
  readonly at: Location;
}

export interface DeclaredMatviews {
  /** By `nameKey`. */
  readonly maxAges: ReadonlyMap<string, DeclaredAge>;
}

/** A key for a name: servers and this tool do not quote quite the same words. */
export function nameKey({ schema, name }: { schema: string; name: string }): string {
  return JSON.stringify([schema, name]);
}

/**
 * Undefined without the file.
 *
 * @param shownDirectory as messages name it.
 * @throws PgwrightError `config-invalid` with every mistake, `policies-unreadable`.
 */
export async function readDeclaredMatviews(
  directory: string,
  shownDirectory: string,
): Promise<DeclaredMatviews | undefined> {
  const shown = join(shownDirectory, matviewsFile);
  let source: string;
  try {
    source = await readTextFile(join(directory, matviewsFile), shown, "policies-unreadable");
  } catch (error) {
    if (error instanceof PgwrightError) throw error;
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT") return undefined;
    throw new PgwrightError("policies-unreadable", `${shown} cannot be read: ${code}`, {
      cause: error,
    });
  }
  const mistakes: Mistake[] = [];
  const parsed = parseYamlFile(matviewsSchema, source, shown, mistakes);
  const maxAges = new Map<string, DeclaredAge>();
  for (const [key, { max_age: ms }] of Object.entries(parsed?.data ?? {})) {
    const at = parsed?.locations.get(key) ?? { file: shown, line: 1, column: 1 };
    const [schema, name, more] = splitName(key) ?? [];
    if (schema === undefined || name === undefined || more !== undefined) {
      const message = `\`${key}\` is not \`schema.view\`, quoted where SQL needs quotes`;
      mistakes.push({ at, message });
      continue;
    }
    const named = nameKey({ schema, name });
    if (maxAges.has(named)) mistakes.push({ at, message: `\`${key}\` is there twice` });
    maxAges.set(named, { view: qualified(schema, name), ms, at });
  }
  throwMistakes(mistakes);
  return { maxAges };
}

/**
 * For commands that mean nothing without the file.
 *
 * @throws PgwrightError `config-not-found`, and those of `readDeclaredMatviews`.
 */
export async function mustReadDeclaredMatviews(
  directory: string,
  shownDirectory: string,
): Promise<DeclaredMatviews> {
  const declared = await readDeclaredMatviews(directory, shownDirectory);
  if (declared) return declared;
  const shown = join(shownDirectory, matviewsFile);
  throw new PgwrightError("config-not-found", `there is no ${shown}`, {
    hint: "say there how old a view may be: `schema.view: { max_age: 1h }`",
  });
}
