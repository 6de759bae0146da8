/** Does an expression give every row the same value? Only then a new column is added without a rewrite. */
import type { Node } from "../db/script.ts";
import { findNodes, stringsOf, valuesOf } from "../db/tree.ts";
import { steadyBuiltIn, volatileBuiltIn } from "./built-in.ts";
import type { Model } from "./model.ts";

/** Beside PostgreSQL's own, those of its uuid and crypto extensions. */
const volatile = new Set(
  `${volatileBuiltIn} gen_random_bytes gen_salt uuid_generate_v1 uuid_generate_v1mc uuid_generate_v4`.split(
    /\s+/,
  ),
);

/** The same, and one that is known better by its operator. */
const steady = new Set(
  `${steadyBuiltIn} array_cat crypt digest hmac uuid_generate_v3 uuid_generate_v5 uuid_nil uuid_ns_dns uuid_ns_url`.split(
    /\s+/,
  ),
);

/** `unknown` names the first function that neither PostgreSQL, nor a file, nor a catalog tells of. */
export type Steadiness =
  | { readonly is: "steady" }
  | { readonly is: "volatile"; readonly because: string }
  | { readonly is: "unknown"; readonly because: string };

export function steadinessOf(expression: Node | undefined, model: Model): Steadiness {
  let unknown: string | undefined;
  for (const call of findNodes([expression], "FuncCall")) {
    const parts = stringsOf(call.funcname);
    const name = parts.join(".").replace(/^pg_catalog\./, "");
    const bare = parts.at(-1) ?? "";
    const known = model.find(model.functions, name);
    if (known === "volatile" || (known === undefined && volatile.has(bare))) {
      return { is: "volatile", because: `${name}()` };
    }
    if (known === undefined && !steady.has(bare)) unknown ??= `${name}()`;
  }
  // The value words (CURRENT_TIMESTAMP, CURRENT_USER …) are nodes of their own, and none is volatile.
  if (valuesOf(expression, "NextValueExpr").length > 0) {
    return { is: "volatile", because: "nextval()" };
  }
  return unknown === undefined ? { is: "steady" } : { is: "unknown", because: unknown };
}
