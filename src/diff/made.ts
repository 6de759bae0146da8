/** What a dump says about how an object is made. */
import type { DumpedObject } from "../schema/dump.ts";

/** An invalid index is there, and a dump leaves out how it is made. */
export const isBroken = ({ label, statements }: DumpedObject) =>
  label.startsWith("index ") && statements.length === 0;

export const broken = "a concurrent build of it failed or is still running";

/** The CREATE of an object; what is there anyway, such as the schema public, has none. */
export function makesIt({ statements: [first = ""] }: DumpedObject): boolean {
  return first.startsWith("CREATE ") || /^ALTER (?:TABLE|DOMAIN) .*? ADD /s.test(first);
}
