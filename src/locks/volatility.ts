/** Does an expression give every row the same value? Only then a new column is added without a rewrite. */
import type { Node } from "../db/script.ts";
import { findNodes, stringsOf, valuesOf } from "../db/tree.ts";
import type { Model } from "./model.ts";

/** PostgreSQL's own volatile functions that can stand in an expression (pg_proc of 18), and those of its uuid and crypto extensions. */
const volatile = new Set(
  (
    "array_sample array_shuffle clock_timestamp currval gen_random_bytes gen_random_uuid gen_salt " +
    "lastval nextval pg_sleep random random_normal setseed setval timeofday txid_status " +
    "uuid_generate_v1 uuid_generate_v1mc uuid_generate_v4 uuidv4 uuidv7"
  ).split(" "),
);

/** Those that people write defaults with and that are not. */
const steady = new Set(
  (
    "abs age array_append array_cat array_fill array_length array_to_string btrim ceil chr coalesce " +
    "concat concat_ws current_database current_schema current_setting current_user date date_part " +
    "date_trunc decode digest div encode exp extract floor format greatest inet_client_addr " +
    "inet_server_addr int4range int8range interval json_build_array json_build_object json_object " +
    "jsonb_array_length jsonb_build_array jsonb_build_object jsonb_object jsonb_set justify_days " +
    "least left length ln log lower lpad ltrim make_date make_interval make_time make_timestamp " +
    "make_timestamptz md5 mod now nullif numrange overlay pg_backend_pid pg_current_xact_id " +
    "position power quote_ident quote_literal regexp_replace repeat replace reverse right round " +
    "row_to_json rpad rtrim session_user setweight sha256 sign split_part sqrt " +
    "statement_timestamp string_to_array strpos substr substring text timestamp timestamptz " +
    "timezone to_char to_date to_hex to_json to_jsonb to_number to_timestamp to_tsvector " +
    "transaction_timestamp translate trim trunc tsrange tstzrange txid_current upper uuid_nil " +
    "uuid_ns_dns version xid"
  ).split(" "),
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
