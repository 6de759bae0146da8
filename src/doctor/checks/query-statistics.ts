import type { Session } from "../../db/session.ts";
import { literal } from "../../db/identifier.ts";
import type { Finding } from "../../findings.ts";
import type { Check, CheckContext } from "../check.ts";
import { changeSetting, isSelfManaged } from "../settings.ts";

const name = "pg_stat_statements";

export const queryStatistics: Check = {
  title: name,
  async look(session, context) {
    const { settings } = context;
    const row = await session.one<{ isAvailable: boolean; isCreated: boolean }>(
      `select exists (select from pg_available_extensions where name = '${name}') as "isAvailable",
              exists (select from pg_extension where extname = '${name}') as "isCreated"`,
    );
    // Its settings exist only where it was loaded at the start; the list of preloaded libraries
    // itself may be read by few roles.
    const isLoaded = settings.has(`${name}.max`);
    if (!row.isAvailable && !row.isCreated) {
      return [
        {
          rule: "doctor/query-statistics",
          severity: "info",
          message: `${name} is not installed on the server: nothing records which queries are slow`,
          hint: "install PostgreSQL's contrib package",
        },
      ];
    }
    const findings: Finding[] = [];
    if (!isLoaded) {
      findings.push({
        rule: "doctor/query-statistics",
        severity: row.isCreated ? "warning" : "info",
        message: `${name} is not preloaded: nothing records which queries are slow${row.isCreated ? ", and its views fail" : ""}`,
        hint: await howToPreload(session, context),
      });
    }
    if (!row.isCreated) {
      findings.push({
        rule: "doctor/query-statistics",
        severity: "info",
        message:
          `${name} is ${isLoaded ? "recording, but" : ""} not created in this database`.replace(
            "  ",
            " ",
          ),
        hint: `\`CREATE EXTENSION ${name};\``,
      });
    }
    if (isLoaded) findings.push(...judgeRecording(context));
    return findings;
  },
};

/**
 * The exact statement: each library is a string of its own. One string with a comma in it would be
 * stored as one odd name, and the server would not start again.
 */
async function howToPreload(session: Session, context: CheckContext): Promise<string> {
  if (!isSelfManaged(context)) {
    return `add ${name} to shared_preload_libraries in the parameters of ${context.facts.engine.name}, and restart`;
  }
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

function judgeRecording(context: CheckContext): Finding[] {
  const findings: Finding[] = [];
  const track = context.settings.get(`${name}.track`);
  if (track?.value === "none") {
    findings.push({
      rule: "doctor/query-statistics",
      severity: "info",
      message: `${name}.track is none: nothing records which queries are slow`,
      hint: changeSetting(context, track, "top"),
    });
  }
  const queryId = context.settings.get("compute_query_id");
  if (queryId?.value === "off") {
    findings.push({
      rule: "doctor/query-statistics",
      severity: "info",
      message: `compute_query_id is off: ${name} records nothing`,
      hint: changeSetting(context, queryId, "auto"),
    });
  }
  return findings;
}
