import type { Finding } from "../../../findings.ts";
import type { Policy, PolicyDatabase } from "./database.ts";
import type { Expression } from "./expression.ts";

/** One thing that is often wrong with policies. */
export interface Rule {
  /** `policies/…`, as findings carry it. */
  readonly name: `policies/${string}`;
  judge(database: PolicyDatabase): Judgement[];
}

/** A finding without the rule's name. */
export type Judgement = Omit<Finding, "rule" | "object"> & { readonly object: string };

/** A policy as findings name it: `policy own on shop.orders`. */
export function nameOf({ name, table }: Policy): string {
  return `policy ${name} on ${table.name}`;
}

/** What acknowledgements name: `shop.orders.own`. */
export function objectOf({ name, table }: Policy): string {
  return `${table.name}.${name}`;
}

/** The expressions of a policy with the words that stand before them. */
export function clausesOf({ using, check }: Policy): ["USING" | "WITH CHECK", Expression][] {
  return [
    ...(using === undefined ? [] : ([["USING", using]] as ["USING" | "WITH CHECK", Expression][])),
    ...(check === undefined
      ? []
      : ([["WITH CHECK", check]] as ["USING" | "WITH CHECK", Expression][])),
  ];
}

export function alterPolicy({ name, table }: Policy, clauses: string): string {
  return `ALTER POLICY ${name} ON ${table.name} ${clauses};`;
}

/** `a, b and 3 more`. */
export function formatNames(names: readonly string[], most = 4): string {
  const shown = names.slice(0, most).join(", ");
  return names.length > most ? `${shown} and ${names.length - most} more` : shown;
}
