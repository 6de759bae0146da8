/** A random schema as SQL. What names something that is not there on this side is left away. */
import type { Column, Partitioned, SchemaPair, Table, View } from "./schema-pair.ts";
import { columnNames, tableNames } from "./schema-pair.ts";

type Slot<T> = readonly [T | null, T | null];

/** Statements that make the first (0) or the second (1) schema of a pair in an empty database. */
export function schemaSql(pair: SchemaPair, side: 0 | 1): string[] {
  const statements: string[] = ["create schema app"];
  const say = (sql: string) => statements.push(sql);
  const types = new Set(["int", "bigint", "text"]);
  /** Columns of tables and views, by names without their schema. */
  const columnsOf = new Map<string, ReadonlyMap<string, string>>();
  const keyed = new Map<string, string>();
  const moods: readonly string[] | null = pair.mood[side];
  const f = pair.f[side];

  say("create function app.tell() returns trigger language plpgsql as 'begin return new; end'");
  if (f) {
    const { returns, argument } = f;
    say(
      `create function app.f(${argument} int) returns ${returns} language sql immutable as 'select ${argument}'`,
    );
  }
  sayTypes();
  saySequence();
  tableNames.forEach((name, n) => {
    const inside = pair.inside[n];
    if (inside && pair.tables[n]?.[side] === true) sayTable(name, inside);
  });
  if (pair.partitioned[side] === true) sayPartitioned(pair.whole);
  sayRoutine();
  pair.views.forEach((slot, n) => {
    const view = slot[side];
    if (view) sayView(`v${n}`, view);
    if (n === 1) sayReader();
  });
  tableNames.forEach((name, n) => {
    const inside = pair.inside[n];
    if (inside && columnsOf.has(name)) sayLinks(name, inside);
  });
  return statements;

  function sayTypes(): void {
    const digit = pair.digit[side];
    const couple = pair.pair[side];
    if (moods) {
      types.add("mood");
      say(`create type app.mood as enum (${moods.map((one) => `'${one}'`).join(", ")})`);
    }
    if (digit !== null && (f !== null || !digit.includes("app.f"))) {
      types.add("digit");
      say(`create domain app.digit as int ${digit}`);
    }
    if (couple !== null && (!couple.includes("mood") || moods)) {
      types.add("pair");
      say(`create type app.pair as (${couple.replace("mood", "app.mood")})`);
      if (couple.endsWith("r text")) say("comment on column app.pair.r is 'right'");
    }
  }

  function columnLines(columns: readonly Slot<Column>[], name: string): string[] {
    const known = new Map([["id", "int"]]);
    columnsOf.set(name, known);
    return columns.flatMap((slot, n) => {
      const one = slot[side];
      const column = columnNames[n] ?? "";
      if (!one || !types.has(one.type)) return [];
      const hasSource = column !== "a" && known.get("a") === "int";
      known.set(column, one.type);
      return [columnLine(one, column, hasSource)];
    });
  }

  function columnLine(one: Column, name: string, hasSource: boolean): string {
    const isOurs = ["mood", "digit", "pair"].includes(one.type);
    const isNumber = /int$|digit/.test(one.type);
    const head = `"${name}" ${isOurs ? "app." : ""}${one.type}`;
    if (one.isGenerated && isNumber && hasSource)
      return `${head} generated always as (a + 1) stored`;
    const mood = one.type === "mood" ? `'${moods?.at(-1) ?? ""}'` : "null";
    const value = isNumber ? "5" : one.type === "text" ? "'x'" : mood;
    const calls = f !== null && isNumber;
    const given = one.default === "call" && calls ? "app.f(3)" : value;
    const checked =
      one.check === "call" && calls ? `app.f("${name}"::int) > 0` : `"${name}" <> ${value}`;
    return [
      head,
      one.default === "" ? "" : ` default ${given}`,
      one.isNotNull ? " not null" : "",
      one.check === "" || one.type === "pair" ? "" : ` constraint "${name} ok" check (${checked})`,
    ].join("");
  }

  function saySequence(): void {
    const one = pair.s[side];
    if (!one) return;
    const { type, steps, isUnlogged, comment } = one;
    say(`create ${isUnlogged ? "unlogged " : ""}sequence app.s as ${type} ${steps}`);
    if (comment) say("comment on sequence app.s is 'numbers'");
  }

  function sayTable(name: string, inside: Table): void {
    const id = `app."${name}"`;
    const lines = ["id int", ...columnLines(inside.columns, name)];
    const number = inside.number[side];
    if (number) {
      const always = number.isAlways ? "always" : "by default";
      const options = number.steps === "" ? "" : ` (${number.steps})`;
      lines.push(`number int generated ${always} as identity${options}`);
    }
    const known = columnsOf.get(name);
    const key = inside.key[side];
    if (key !== null) {
      keyed.set(name, key);
      lines.push(`constraint "${name} key" ${key === "primary" ? "primary key" : "unique"} (id)`);
    }
    say(`create table ${id} (${lines.join(", ")})`);
    inside.columns.forEach((slot, n) => {
      const column = columnNames[n] ?? "";
      if (slot[side] && known?.has(column) === true) sayColumn(id, column, slot[side]);
    });
    if (pair.s[side]?.owner === name) {
      say(`alter sequence app.s owned by ${id}.id`);
      say(`alter table ${id} alter id set default nextval('app.s')`);
    }
    const security = inside.security[side];
    if (security !== null) say(`alter table ${id} enable row level security`);
    if (security === "force") say(`alter table ${id} force row level security`);
    const identity = inside.identity[side];
    if (identity === "full" || identity === "nothing") {
      say(`alter table ${id} replica identity ${identity}`);
    } else if (identity === "index" && key === "primary") {
      say(`alter table ${id} replica identity using index "${name} key"`);
    }
    const index = inside.index[side];
    if (index && known?.has(index.column) === true) {
      const where = index.filter ? ` where "${index.column}" is not null` : "";
      const unique = index.isUnique ? "unique " : "";
      say(`create ${unique}index "${name} i" on ${id} ("${index.column}")${where}`);
    }
    const trigger = inside.trigger[side];
    if (trigger && (trigger.of === null || known?.has(trigger.of) === true)) {
      const of = trigger.of === null ? "" : ` of "${trigger.of}"`;
      say(
        `create trigger tell before update${of} on ${id} for each row execute function app.tell()`,
      );
      if (trigger.isDisabled) say(`alter table ${id} disable trigger tell`);
    }
    if (inside.heir[side] === true) {
      say(`create table app."heir of ${name}" (own int) inherits (${id})`);
    } else if (inside.heir[1 - side] === true && inside.heirStays) {
      say(`create table app."heir of ${name}" (own int, id int)`);
    }
  }

  function sayColumn(id: string, column: string, one: Column): void {
    const hasCheck = one.check !== "" && one.type !== "pair";
    if (one.comment !== "") say(`comment on column ${id}."${column}" is '${one.comment}'`);
    if (one.comment === "two" && hasCheck && !one.isGenerated) {
      say(`comment on constraint "${column} ok" on ${id} is 'checked'`);
    }
    if (one.statistics >= 0) say(`alter table ${id} alter "${column}" set statistics 100`);
    if (one.type === "text" && one.comment === "two") {
      say(`alter table ${id} alter "${column}" set compression pglz`);
    }
    if (one.isUnique)
      say(`alter table ${id} add constraint "${column} of ${id.slice(5)} unique ("${column}")`);
  }

  function sayPartitioned(whole: Partitioned): void {
    const key = whole.key[side];
    const lines = ["id int", ...columnLines(whole.columns, "p")];
    if (key !== null)
      lines.push(`constraint p_key ${key === "primary" ? "primary key" : "unique"} (id)`);
    if (whole.check[side] === true) lines.push("constraint p_ok check (id > 0)");
    say(`create table app.p (${lines.join(", ")}) partition by range (id)`);
    const hasA = columnsOf.get("p")?.get("a") === "int";
    whole.parts.forEach((slot, n) => {
      const one = slot[side];
      if (!one) return;
      const own = `p ${one.isRenamed ? "new " : ""}${n}`;
      const name = `app."${own}"`;
      const from = n * 100 + (one.shift ? 10 : 0);
      const split = one.isSplit ? " partition by list (id)" : "";
      say(
        `create table ${name} partition of app.p for values from (${from}) to (${n * 100 + 90})${split}`,
      );
      if (one.isSplit)
        say(`create table app."${own} one" partition of ${name} for values in (${from + 1})`);
      if (hasA && one.ownDefault) say(`alter table only ${name} alter a set default 77`);
      if (one.ownIndex) say(`create index "${own} own" on ${name} (id)`);
    });
    const index = whole.index[side];
    if (index) {
      const columns = index.both && hasA ? "id, a" : "id desc";
      say(`create ${index.isUnique ? "unique " : ""}index p_i on app.p (${columns})`);
    }
    const link = whole.link[side];
    if (link !== null && keyed.has(link)) {
      say(`alter table app.p add constraint p_link foreign key (id) references app."${link}" (id)`);
    }
    if (whole.trigger[side] === true) {
      say("create trigger p_tell after insert on app.p for each row execute function app.tell()");
    }
    keyed.set("p", key ?? "");
  }

  function sayRoutine(): void {
    const g = pair.g[side];
    if (!g) return;
    const known = g.of === null ? undefined : columnsOf.get(g.of);
    const reads = known?.has(g.column) === true;
    const from = reads ? ` from app."${g.of ?? ""}" where "${g.column}" is not null` : "";
    const query = `select count(*)::${g.returns}${from}`;
    const body = g.isAtomic ? `begin atomic ${query}; end` : `as $$ ${query} $$`;
    say(`create function app.g(${g.argument} int) returns ${g.returns} language sql ${body}`);
  }

  function sayView(name: string, view: View): void {
    const known = columnsOf.get(view.of);
    if (!known) return;
    const columns = view.columns.filter((column) => known.has(column));
    const isKeyed = keyed.get(view.of) === "primary";
    const calls = view.calls && f !== null ? [", app.f(7) as called"] : [];
    const moody = columns.find((column) => known.get(column) === "mood");
    const isFiltered =
      moody !== undefined && view.mood !== null && moods?.includes(view.mood) === true;
    const where = isFiltered ? ` where "${moody}" = '${view.mood}'` : "";
    const group = view.isGrouped && isKeyed ? " group by id" : "";
    const kind = view.isMaterialized ? "materialized view" : "view";
    const shown = view.isTurned ? columns.toReversed() : columns;
    const list = ["id", ...shown.map((column) => `"${column}"`)].join(", ");
    const more = view.adds ? ", 5 as added" : "";
    const option = view.option === "" ? "" : ` with (${viewOptions(view)})`;
    say(
      `create ${kind} app.${name}${option} as select ${list}${calls.join("")}${more} from app."${view.of}"${where}${group}`,
    );
    const known2: [string, string][] = columns.map((one) => [one, known.get(one) ?? ""]);
    columnsOf.set(name, new Map([["id", "int"], ...known2]));
    sayAroundView(name, view, kind, columns);
  }

  function viewOptions({ isMaterialized, option }: View): string {
    const [one, both] = isMaterialized
      ? ["fillfactor = 70", "fillfactor = 80, autovacuum_enabled = false"]
      : ["security_barrier = true", "security_barrier = true, security_invoker = true"];
    return option === "both" ? both : one;
  }

  function sayAroundView(name: string, view: View, kind: string, columns: readonly string[]): void {
    const id = `app.${name}`;
    const { comment, part, isMaterialized } = view;
    const last = columns.at(-1) ?? "id";
    if (comment !== "") say(`comment on ${kind} ${id} is '${comment}'`);
    if (comment === "two") say(`comment on column ${id}."${last}" is 'a column'`);
    if (view.isGranted) say(`grant select on ${id} to public`);
    if (view.isGranted && view.adds) say(`grant update (added) on ${id} to public`);
    if (view.hasDefault && !isMaterialized) say(`alter view ${id} alter id set default 7`);
    if (part === "") return;
    if (isMaterialized) {
      say(`create ${part === "one" ? "unique " : ""}index "${name} i" on ${id} (id, "${last}")`);
      if (comment === "two") say(`comment on index app."${name} i" is 'an index'`);
    } else if (part === "one") {
      say(
        `create trigger "on it" instead of insert on ${id} for each row execute function app.tell()`,
      );
      if (comment === "two") say(`comment on trigger "on it" on ${id} is 'a trigger'`);
    } else {
      say(
        `create rule "on it" as on update to ${id} where old."${last}" is null do instead nothing`,
      );
    }
  }

  function sayReader(): void {
    const h = pair.h[side];
    if (!h || !columnsOf.has(h.of)) return;
    const query = `select (x + count(*))::${h.returns} from app.${h.of}`;
    say(
      `create function app.h(x int${h.default}) returns ${h.returns} language sql begin atomic ${query}; end`,
    );
    if (h.isCalled) say("create view app.called as select app.h(1) as number");
  }

  function sayLinks(name: string, inside: Table): void {
    const id = `app."${name}"`;
    const policy = inside.policy[side];
    if (policy && columnsOf.get(name)?.has(policy.column) === true) {
      const { other, column } = policy;
      const using =
        other !== null && columnsOf.has(other)
          ? `exists (select from app."${other}" o where o.id = "${name}".id)`
          : `"${column}" is not null`;
      say(`create policy "see it" on ${id} using (${using})`);
    }
    const link = inside.link[side];
    if (link && keyed.has(link.to)) {
      const cascade = link.cascades ? " on delete cascade" : "";
      say(
        `alter table ${id} add constraint "${name} link" foreign key (id) references app."${link.to}" (id)${cascade}`,
      );
      if (link.comment) say(`comment on constraint "${name} link" on ${id} is 'a link'`);
    }
  }
}
