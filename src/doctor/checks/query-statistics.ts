import { howToPreload } from "../../db/preload.ts";
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
        hint: isSelfManaged(context)
          ? await howToPreload(session, name)
          : `add ${name} to shared_preload_libraries in the parameters of ${context.facts.engine.name}, and restart`,
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
