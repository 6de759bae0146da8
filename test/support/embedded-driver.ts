/**
 * A process that uses the embedded server as the command line does.
 * Arguments: what to do (ensure, status, stop), the project, the cache folder.
 * Prints one JSON object: the result, or `{ error, message, notes, hint }`.
 */
import { embeddedStatus, ensureEmbedded, stopEmbedded } from "../../src/db/embedded/server.ts";
import { PgwrightError } from "../../src/errors.ts";

const [, , what, projectDirectory = "", cacheDirectory = ""] = process.argv;
const location = { projectDirectory, cacheDirectory };

function act(): Promise<object> {
  switch (what) {
    case "ensure":
      return ensureEmbedded(location, (event) =>
        process.stderr.write(`${JSON.stringify(event)}\n`),
      );
    case "status":
      return embeddedStatus(location);
    case "stop":
      return stopEmbedded(location);
    default:
      throw new Error(`unknown: ${what}`);
  }
}

try {
  process.stdout.write(JSON.stringify(await act()));
} catch (error) {
  if (!(error instanceof PgwrightError)) throw error;
  const { hint, notes } = error.details;
  process.stdout.write(JSON.stringify({ error: error.code, message: error.message, hint, notes }));
}
