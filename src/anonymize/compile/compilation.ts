/** What every step of compiling may look at, and where it says what is wrong. */
import type { Finding } from "../../findings.ts";
import type { Dictionary } from "../../seed/dictionary.ts";
import type { Catalog } from "../catalog.ts";
import type { Domains } from "../domains.ts";
import type { CaseClaim } from "../proof/case.ts";
import type { ResolvedRules } from "../rules/resolve.ts";

export interface Compilation {
  readonly catalog: Catalog;
  readonly rules: ResolvedRules;
  readonly domains: Domains;
  /** Names that rules give to domains; a path may name that of a column. */
  readonly namedDomains: ReadonlySet<string>;
  readonly dictionary: Dictionary;
  readonly findings: Finding[];
  /** What the proof of unique keys leaves to the rows. */
  readonly caseClaims: CaseClaim[];
}
