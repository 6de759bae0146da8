import type { Location } from "../errors.ts";

/** Where a value of the configuration comes from, from the strongest to the weakest. */
export type Origin =
  | { readonly kind: "flag"; readonly flag: string }
  | { readonly kind: "variable"; readonly variable: string }
  | { readonly kind: "env-file"; readonly variable: string; readonly at: Location }
  | { readonly kind: "file"; readonly at: Location }
  | { readonly kind: "default" };

/** An origin in words: `--url`, `PGWRIGHT_URL`, `DATABASE_URL in .env`, `pgwright.yaml:3`. */
export function describeOrigin(origin: Origin): string {
  switch (origin.kind) {
    case "flag":
      return origin.flag;
    case "variable":
      return origin.variable;
    case "env-file":
      return `${origin.variable} in ${origin.at.file}:${origin.at.line}`;
    case "file":
      return `${origin.at.file}:${origin.at.line}`;
    case "default":
      return "default";
  }
}
