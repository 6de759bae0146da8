/** The SQL of a JSON column that has rules for its paths. */
import { literal } from "../../db/identifier.ts";
import type { Column } from "../catalog.ts";
import { nameOf, homeOf } from "../catalog.ts";
import type { RowDigests } from "../digests.ts";
import { type Alike, asIs } from "../fold.ts";
import { maskerNamed } from "../maskers/list.ts";
import type { Masker } from "../maskers/masker.ts";
import { formatRulePath, parseRulePath, type Step } from "../rules/path.ts";
import type { Rule } from "../rules/rule.ts";
import type { Compilation } from "./compilation.ts";
import { compileLeaf, type LeafTask } from "./leaf.ts";
import { scrambleRest } from "./rest.ts";
import { valueType } from "../type-kind.ts";
import type { Compiled, RowSource } from "./value.ts";

/** What the rules say of a place in the document. */
interface Node {
  readonly children: Map<string, Node>;
  element: Node | undefined;
  /** The rule of the value itself. */
  rule: Rule | undefined;
  /** The rule of everything below that has none of its own. */
  rest: Rule | undefined;
}

const newNode = (): Node => ({
  children: new Map(),
  element: undefined,
  rule: undefined,
  rest: undefined,
});

/** Compiles the rules of a JSON column. Paths that a document lacks stay lacking. */
export function compileDocument(
  compilation: Compilation,
  source: RowSource,
  column: Column,
  rules: readonly Rule[],
): Compiled {
  const root = newNode();
  for (const rule of rules) {
    insert(root, rule.path.steps, rule);
    const base = rule.path.steps.slice(0, -1);
    for (const path of rule.keep) {
      const parsed = parseRulePath(path);
      if (typeof parsed === "string") continue;
      insert(root, [...base, { key: parsed.column }, ...parsed.steps], { ...rule, masker: "keep" });
    }
  }
  const home = `${nameOf(homeOf(compilation.catalog, source.table, column.name))}.${column.name}`;
  const writer = new DocumentWriter(compilation, source, home);
  const value = source.value(column);
  const type = valueType(compilation.catalog, column.type, column.modifier, column.typeName);
  const isArray = type.kind === "array";
  // As one list, whatever dimensions an array has: none of its documents is passed over.
  const document = isArray ? `to_jsonb(array(select unnest(${value})))` : `${value}::jsonb`;
  const masked = writer.write(root, document, source.digests, undefined, "0");
  return writer.refused ?? { sql: isArray ? asArray(masked) : masked };
}

function asArray(list: string): string {
  return `array(select nullif(e, 'null') from jsonb_array_elements(${list}) with ordinality u(e, o) order by o)`;
}

function insert(root: Node, steps: readonly Step[], rule: Rule): void {
  let node = root;
  for (const step of steps) {
    if (step === "**") {
      node.rest = rule;
      return;
    }
    if (step === "*") node = node.element ??= newNode();
    else {
      const next = node.children.get(step.key) ?? newNode();
      node.children.set(step.key, next);
      node = next;
    }
  }
  node.rule = rule;
}

/** Writes a node's SQL, given the SQL of the value that stands at it. */
class DocumentWriter {
  readonly #compilation: Compilation;
  readonly #source: RowSource;
  readonly #home: string;
  #lists = 0;
  refused: Extract<Compiled, { refused: string }> | undefined;

  constructor(compilation: Compilation, source: RowSource, home: string) {
    this.#compilation = compilation;
    this.#source = source;
    this.#home = home;
  }

  write(
    node: Node,
    value: string,
    digests: RowDigests,
    above: Rule | undefined,
    place: string,
  ): string {
    if (node.rule?.masker === "keep") return value;
    if (node.rule) return this.#leaf(node.rule, value, digests);
    const rest = node.rest ?? above;
    const cases: string[] = [];
    if (node.children.size > 0) {
      cases.push(`when 'object' then ${this.#object(node, value, digests, rest, place)}`);
    }
    if (node.element) {
      cases.push(`when 'array' then ${this.#list(node.element, value, digests, rest)}`);
    }
    const other = rest ? this.#rest(rest, value, digests, place) : value;
    return cases.length === 0
      ? other
      : `case jsonb_typeof(${value}) ${cases.join(" ")} else ${other} end`;
  }

  #object(
    node: Node,
    value: string,
    digests: RowDigests,
    rest: Rule | undefined,
    place: string,
  ): string {
    const keys = [...node.children.keys()].map((key) => literal(key));
    const others = `(${value} - array[${keys.join(", ")}])`;
    const parts = [rest ? this.#rest(rest, others, digests, place) : value];
    for (const [key, child] of node.children) {
      const name = literal(key);
      const inner = this.write(child, `(${value} -> ${name})`, digests, rest, place);
      parts.push(
        `case when ${value} ? ${name} then jsonb_build_object(${name}, ${inner}) else '{}' end`,
      );
    }
    return `(${parts.join(" || ")})`;
  }

  #list(element: Node, value: string, digests: RowDigests, rest: Rule | undefined): string {
    this.#lists += 1;
    const [member, order] = [`e${this.#lists}`, `o${this.#lists}`];
    const inner = digests.inside(order);
    const masked = this.write(element, member, inner, rest, order);
    return `(select coalesce(jsonb_agg(${masked} order by ${order}), '[]') from jsonb_array_elements(${value}) with ordinality l(${member}, ${order})${inner.from})`;
  }

  #rest(rule: Rule, value: string, digests: RowDigests, place: string): string {
    if (rule.masker === "keep") return value;
    const masker = maskerNamed(rule.masker);
    const isConstant = masker?.from === "nothing" || masker?.name === "scramble";
    if (!isConstant) {
      this.refused ??= {
        refused: `\`${formatRulePath(rule.path)}\` is every kind of value, and \`${rule.masker}\` gives one kind`,
        hint: "use `scramble`, `null` or `fixed` there",
      };
      return value;
    }
    if (masker?.name === "scramble") return scrambleRest(value, digests.ofRow().bytes(16), place);
    return this.#leaf(rule, value, digests);
  }

  /** A path of a named domain counts as equal what its columns do. */
  #alike({ domain }: Rule, { fold }: Masker): Alike {
    const named = domain === undefined ? undefined : this.#compilation.domains.named(domain);
    return named
      ? { fold: named.fold, collation: named.collation }
      : { ...asIs, ...(fold && { fold }) };
  }

  #leaf(rule: Rule, value: string, digests: RowDigests): string {
    const masker = maskerNamed(rule.masker);
    if (!masker) return value;
    const label = rule.domain ?? `${this.#home}: ${formatRulePath(rule.path)}`;
    const task: LeafTask = {
      compilation: this.#compilation,
      source: this.#source,
      rule,
      masker,
      digests,
      domain:
        rule.domain !== undefined || rule.isDeterministic
          ? { label, ...this.#alike(rule, masker) }
          : undefined,
      label,
      value,
    };
    const compiled = compileLeaf(task);
    if ("refused" in compiled) {
      this.refused ??= compiled;
      return value;
    }
    return compiled.sql;
  }
}
