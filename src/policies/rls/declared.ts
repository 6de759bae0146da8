/** What rls/*.sql declares: for each table whether row level security is on, and its policies. */
import { ident } from "../../db/identifier.ts";
import { scanTokens } from "../../db/script.ts";
import type { Token, Tree } from "../../db/script.ts";
import { allOf, as, findNodes, stringsOf } from "../../db/tree.ts";
import type { Location } from "../../errors.ts";
import type { Finding } from "../../findings.ts";
import { isSystemSchema, ofTheSystem } from "../grants/declared.ts";
import { nameOf } from "../roles/declared.ts";
import { mistake } from "../statement.ts";
import type { PolicyStatement } from "../statement.ts";

export type PolicyCommand = "ALL" | "SELECT" | "INSERT" | "UPDATE" | "DELETE";

export interface DeclaredPolicy {
  readonly name: string;
  readonly isPermissive: boolean;
  readonly command: PolicyCommand;
  /** By name; empty is PUBLIC. */
  readonly roles: readonly string[];
  /** The expressions as written, names of the table's own schema taken off its columns. */
  readonly using: string | undefined;
  readonly check: string | undefined;
  readonly statement: PolicyStatement;
}

export interface DeclaredTable {
  readonly schema: string;
  readonly name: string;
  readonly isEnabled: boolean;
  readonly isForced: boolean;
  readonly policies: ReadonlyMap<string, DeclaredPolicy>;
  /** The first statement about the table. */
  readonly statement: PolicyStatement;
  readonly at: Location;
}

const switches: Readonly<Record<string, Partial<Pick<DeclaredTable, "isEnabled" | "isForced">>>> = {
  AT_EnableRowSecurity: { isEnabled: true },
  AT_DisableRowSecurity: { isEnabled: false },
  AT_ForceRowSecurity: { isForced: true },
  AT_NoForceRowSecurity: { isForced: false },
};

/** True for the statements that `declareRowSecurity` reads. */
export function isAboutRowSecurity({ node }: PolicyStatement): boolean {
  const alter = as(node, "AlterTableStmt");
  if (alter) {
    return allOf(alter.cmds, "AlterTableCmd").every(
      ({ subtype }) => switches[subtype ?? ""] !== undefined,
    );
  }
  return as(node, "CreatePolicyStmt") !== undefined;
}

/** Tables by their name as SQL, in the order of the files. */
export function declareRowSecurity(statements: readonly PolicyStatement[]): {
  declared: Map<string, DeclaredTable>;
  findings: Finding[];
} {
  const tables = new Map<string, DeclaredTable>();
  const findings: Finding[] = [];
  const tokens = new Map<string, Token[]>();
  for (const statement of statements) {
    const { node, at, source } = statement;
    const alter = as(node, "AlterTableStmt");
    const create = as(node, "CreatePolicyStmt");
    const relation = alter?.relation ?? create?.table;
    const schema = relation?.schemaname || "public";
    const name = relation?.relname ?? "";
    if (isSystemSchema(schema)) {
      findings.push(ofTheSystem(statement, schema));
      continue;
    }
    const key = `${ident(schema)}.${ident(name)}`;
    const table = tables.get(key) ?? {
      schema,
      name,
      isEnabled: false,
      isForced: false,
      policies: new Map<string, DeclaredPolicy>(),
      statement,
      at,
    };
    if (alter) {
      const changes = allOf(alter.cmds, "AlterTableCmd").map(
        ({ subtype }) => switches[subtype ?? ""],
      );
      tables.set(key, Object.assign({}, table, ...changes) as DeclaredTable);
      continue;
    }
    if (!create) continue;
    const policy = readPolicy(statement, create, { schema, name }, tokensOf(source, tokens));
    if (table.policies.has(policy.name)) {
      findings.push(
        mistake(
          statement,
          "declared-twice",
          `policy ${ident(policy.name)} on ${key} is created twice`,
        ),
      );
      continue;
    }
    tables.set(key, { ...table, policies: new Map(table.policies).set(policy.name, policy) });
  }
  for (const [key, { isEnabled, policies, statement }] of tables) {
    if (isEnabled || policies.size === 0) continue;
    findings.push(
      mistake(
        statement,
        "not-enabled",
        `${key} has policies, but nothing enables row level security on it`,
        `add ALTER TABLE ${key} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY`,
      ),
    );
  }
  return { declared: tables, findings };
}

function tokensOf(source: string, cache: Map<string, Token[]>): Token[] {
  let found = cache.get(source);
  if (!found) cache.set(source, (found = scanTokens(source)));
  return found;
}

function readPolicy(
  statement: PolicyStatement,
  create: Tree.CreatePolicyStmt,
  table: { readonly schema: string; readonly name: string },
  tokens: readonly Token[],
): DeclaredPolicy {
  const bytes = Buffer.from(statement.source);
  const start = Buffer.byteLength(statement.source.slice(0, statement.start));
  const end = Buffer.byteLength(statement.source.slice(0, statement.end));
  const own = tokens.filter((token) => token.start >= start && token.end <= end);
  const roles = allOf(create.roles, "RoleSpec");
  const isPublic = roles.some(({ roletype }) => roletype === "ROLESPEC_PUBLIC");
  const skipped = schemaTokens(create, table, own);
  return {
    name: create.policy_name ?? "",
    isPermissive: create.permissive === true,
    command: (create.cmd_name ?? "all").toUpperCase() as PolicyCommand,
    roles: isPublic ? [] : roles.map(nameOf).toSorted(),
    using: expressionAfter("using", own, skipped, bytes),
    check: expressionAfter("check", own, skipped, bytes),
    statement,
  };
}

/**
 * The text between the parentheses after USING or WITH CHECK. Both words are reserved, so outside
 * of parentheses they are nothing else.
 */
function expressionAfter(
  word: "using" | "check",
  tokens: readonly Token[],
  skipped: ReadonlySet<Token>,
  bytes: Buffer,
): string | undefined {
  let depth = 0;
  let open: Token | undefined;
  let text = "";
  let from = 0;
  for (const [index, token] of tokens.entries()) {
    if (token.text === "(") {
      if (depth === 0 && tokens[index - 1]?.text.toLowerCase() === word) {
        open = token;
        from = token.end;
      }
      depth += 1;
    } else if (token.text === ")") {
      depth -= 1;
      if (depth === 0 && open) return (text + bytes.toString("utf8", from, token.start)).trim();
    } else if (open && skipped.has(token)) {
      text += bytes.toString("utf8", from, token.start);
      from = token.end;
    }
  }
  return undefined;
}

/**
 * The tokens `schema` and `.` of columns written `schema.table.column`: on a copy of the table, whose
 * schema is another one, such a name would not be found.
 */
function schemaTokens(
  create: Tree.CreatePolicyStmt,
  { schema, name }: { readonly schema: string; readonly name: string },
  tokens: readonly Token[],
): Set<Token> {
  const skipped = new Set<Token>();
  for (const column of [
    ...findNodes(create.qual, "ColumnRef"),
    ...findNodes(create.with_check, "ColumnRef"),
  ]) {
    const [first, second, third] = stringsOf(column.fields);
    if (third === undefined || first !== schema || second !== name) continue;
    const index = tokens.findIndex(({ start }) => start === column.location);
    for (const token of tokens.slice(index, index + 2)) skipped.add(token);
  }
  return skipped;
}

/** An expression as a clause takes it; a comment at its end must not swallow the parenthesis. */
export function inParentheses(expression: string): string {
  return expression.includes("--") ? `(${expression}\n)` : `(${expression})`;
}
