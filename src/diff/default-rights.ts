/** Rights that ALTER DEFAULT PRIVILEGES would give to what the script makes, or keep from it. */
import type { DumpedObject } from "../schema/dump.ts";
import type { Objects } from "./attached.ts";
import { isView } from "./view.ts";

const role = String.raw`([^ "]+|"(?:[^"]|"")*")`;

/**
 * The statements that make an object, with what gives it the rights of a fresh one right behind its
 * CREATE: those after it lead from there, and default privileges of the first schema are in force
 * until the script ends.
 */
export function withFreshRights(object: DumpedObject, before: Objects): readonly string[] {
  const [create, ...rest] = object.statements;
  const target = targetOf(object.label);
  if (create === undefined || target === undefined) return object.statements;
  const fresh = new Set<string>();
  for (const { label, schema, statements } of before.values()) {
    const isAbout =
      label.startsWith("default privileges of ") &&
      label.endsWith(` on ${target.kind}`) &&
      (schema === "" || schema === object.schema);
    if (!isAbout) continue;
    for (const sql of statements) {
      const change = new RegExp(
        `^ALTER DEFAULT PRIVILEGES FOR ROLE ${role} .*?(GRANT|REVOKE) (?:GRANT OPTION FOR )?(.*) ON [A-Z ]+ (?:TO|FROM) ${role}(?: WITH GRANT OPTION)?$`,
        "s",
      ).exec(sql);
      const [, owner, word, rights = "", grantee = ""] = change ?? [];
      // What a role has or lacks on its own objects goes with them to their owner.
      if (word === undefined || owner === grantee) continue;
      fresh.add(
        word === "GRANT"
          ? `REVOKE ALL ON ${target.name} FROM ${grantee}`
          : `GRANT ${rights} ON ${target.name} TO ${grantee}`,
      );
    }
  }
  return [create, ...fresh, ...rest];
}

/** As GRANT and ALTER DEFAULT PRIVILEGES name it. */
function targetOf(label: string): { readonly kind: string; readonly name: string } | undefined {
  const [, kind = "", name = ""] = /^((?:materialized )?[a-z]+) (.*)$/s.exec(label) ?? [];
  if (isView(label) || kind === "table") return { kind: "tables", name: `TABLE ${name}` };
  if (kind === "sequence") return { kind: "sequences", name: `SEQUENCE ${name}` };
  if (kind === "type" || kind === "domain") return { kind: "types", name: `TYPE ${name}` };
  if (kind === "schema") return { kind: "schemas", name: `SCHEMA ${name}` };
  if (!/^(?:function|procedure|aggregate)$/.test(kind)) return undefined;
  const word = kind === "procedure" ? "PROCEDURE" : "FUNCTION";
  return { kind: "functions", name: `${word} ${name}` };
}
