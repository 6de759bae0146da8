/** Statements that make the function of a table what the generator wants it to be. */
import { ident, literal, qualified } from "../../db/identifier.ts";
import type { Location } from "../../errors.ts";
import type { PolicyStep } from "../step.ts";
import type { AuditFunction, AuditTable } from "./catalog.ts";
import { nameOf } from "./catalog.ts";
import type { GeneratedFunction } from "./generate.ts";
import type { WriterRights } from "./log-shape.ts";

const mark = /\(pgwright [0-9a-f]{16}\)/;

/** Made by the generator, by the mark in its body or, where that was edited away, in its comment. */
export function isOurs(one: AuditFunction): boolean {
  return one.isOurs || mark.test(one.comment ?? "");
}

export function planFunction(
  table: AuditTable,
  wanted: GeneratedFunction,
  current: AuditFunction | undefined,
  rights: WriterRights,
  at: Location | undefined,
): PolicyStep[] {
  const signature = `${qualified(wanted.schema, wanted.name)}()`;
  const step = (sql: string, why: string, role: string | null = table.owner): PolicyStep => ({
    part: "audit",
    object: `function ${signature}`,
    sql,
    why,
    role,
    unit: `table ${nameOf(table)}`,
    at,
  });
  const steps: PolicyStep[] = [];
  if (current && current.owner !== table.owner) {
    steps.push(
      step(
        `alter function ${signature} owner to ${ident(table.owner)}`,
        `it belongs to ${current.owner} and not to the table's owner`,
        null,
      ),
    );
  }
  const why = current
    ? whyReplaced(current, wanted)
    : "the function that records changes is not there";
  if (why !== undefined) steps.push(step(wanted.sql, why));
  if (current?.comment !== wanted.comment) {
    steps.push(
      step(
        `comment on function ${signature} is ${literal(wanted.comment)}`,
        "it says what the function was generated from",
      ),
    );
  }
  // Whoever may execute it could put it on a table of their own and write to the log.
  for (const grantee of current ? current.grantees : granteesAtBirth(table, rights)) {
    steps.push(
      step(
        `revoke execute on function ${signature} from ${grantee === null ? "public" : ident(grantee)}`,
        current
          ? `${grantee ?? "everybody"} may execute it, and so forge entries of the log`
          : `${grantee ?? "everybody"} may execute what is created, and could so forge entries of the log`,
      ),
    );
  }
  return steps;
}

/** PUBLIC by PostgreSQL's own default, and whom ALTER DEFAULT PRIVILEGES names. */
function granteesAtBirth(table: AuditTable, rights: WriterRights): (string | null)[] {
  const named = rights.defaultGrants
    .filter(({ schema }) => schema === null || schema === table.schema)
    .map(({ grantee }) => grantee);
  return [null, ...new Set(named)];
}

function whyReplaced(current: AuditFunction, wanted: GeneratedFunction): string | undefined {
  const settings = current.settings.map(lowerName).toSorted();
  const isSame =
    current.body === wanted.body &&
    current.isSecurityDefiner &&
    current.language === "plpgsql" &&
    settings.join("\n") === wanted.settings.map(lowerName).toSorted().join("\n");
  if (isSame) return undefined;
  const isOutdated = mark.exec(current.comment ?? "")?.[0] !== mark.exec(wanted.comment)?.[0];
  return isOutdated
    ? "the table or what audit.yaml says of it has changed"
    : "the function was changed by hand";
}

function lowerName(setting: string): string {
  const equals = setting.indexOf("=");
  return setting.slice(0, equals).toLowerCase() + setting.slice(equals);
}
