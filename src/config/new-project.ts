import { join } from "node:path";
import { readEnvFile } from "./env-file.ts";
import type { Mistake } from "./mistake.ts";

const variables = ["PGWRIGHT_URL", "DATABASE_URL", "PGSERVICE", "PGHOST", "PGDATABASE"];

/** What in a folder's environment and `.env` will surprise someone who begins a project there. */
export async function listSurprises(
  directory: string,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<string[]> {
  const mistakes: Mistake[] = [];
  const envFile = await readEnvFile(join(directory, ".env"), ".env", mistakes);
  const stronger = variables.flatMap((name) => {
    if (environment[name] !== undefined) return [name];
    return envFile?.values.has(name) === true ? [`${name} in .env`] : [];
  });
  return [
    ...stronger.map((name) => `${name} is set: it names the database before pgwright.yaml does`),
    ...mistakes.map(
      ({ at, message }) => `.env:${at?.line}:${at?.column} ${message}; commands will refuse it`,
    ),
  ];
}
