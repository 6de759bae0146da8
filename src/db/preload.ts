/** How a library gets into shared_preload_libraries, in words. */
import { literal } from "./identifier.ts";
import type { Session } from "./session.ts";

/**
 * The exact statement: each library is a string of its own. One string with a comma in it would be
 * stored as one odd name, and the server would not start again.
 */
export async function howToPreload(session: Session, name: string): Promise<string> {
  const { libraries } = await session.one<{ libraries: string | null }>(
    `select case when pg_has_role(current_user, 'pg_read_all_settings', 'USAGE')
            then current_setting('shared_preload_libraries') end as libraries`,
  );
  if (libraries === null) {
    return `add '${name}' to what \`SHOW shared_preload_libraries;\` shows a superuser, each library a string of its own: \`ALTER SYSTEM SET shared_preload_libraries = …, '${name}';\` and restart the server`;
  }
  const all = [...splitLibraries(libraries), name].map((library) => literal(library));
  return `\`ALTER SYSTEM SET shared_preload_libraries = ${all.join(", ")};\` and restart the server`;
}

/** `a, "b c"` as its names. */
function splitLibraries(list: string): string[] {
  return [...list.matchAll(/"((?:[^"]|"")*)"|([^\s,"]+)/g)].map(
    ([, quoted, bare]) => quoted?.replaceAll('""', '"') ?? bare ?? "",
  );
}
