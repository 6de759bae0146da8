import { hostname } from "node:os";
import { accountName } from "../db/account-name.ts";

/** "ann@laptop": who makes a test database, for people and for `--all-of-mine`. */
export function whoMakes(): string {
  return `${accountName()}@${hostname()}`;
}
