/** What an object is called, in SQL and in words. */
import { ident, qualified } from "../../db/identifier.ts";
import type { ObjectRow } from "./resolve.ts";

/** The object as it stands after ON. */
export function targetSql(row: ObjectRow): string {
  switch (row.kind) {
    case "database":
      return `DATABASE ${ident(row.name)}`;
    case "schema":
      return `SCHEMA ${ident(row.name)}`;
    case "function":
    case "procedure":
      return `${row.kind.toUpperCase()} ${qualified(row.schema ?? "", row.name)}(${row.arguments})`;
    case "sequence":
      return `SEQUENCE ${qualified(row.schema ?? "", row.name)}`;
    case "table":
    case "column":
      return `TABLE ${qualified(row.schema ?? "", row.name)}`;
  }
}

/** The object in words: `schema shop`, `shop.orders`, `shop.total(integer)`. */
export function nameSql(row: ObjectRow): string {
  if (row.kind === "schema") return `schema ${ident(row.name)}`;
  const name = qualified(row.schema ?? "", row.name);
  return row.arguments === null ? name : `${name}(${row.arguments})`;
}
