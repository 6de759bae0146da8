/** FitnessHub by its policies/masking.yaml: nothing of a person is left, history included. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { MaskingPlan } from "../../../src/anonymize/plan.ts";
import type { Session } from "../../../src/db/session.ts";
import { connectTo } from "../../support/connection.ts";
import type { TestDatabase } from "../../support/database.ts";
import { fitnessHubPolicies, withFitnessHub } from "../../support/fitnesshub.ts";
import { findingsOf, maskedRows, planWith } from "../../support/masking.ts";

let database: TestDatabase;
let session: Session;
let plan: MaskingPlan;
let rules: string;

const ada = "11111111-1111-4111-8111-111111111111";
const bob = "22222222-2222-4222-8222-222222222222";
const chat = "33333333-3333-4333-8333-333333333333";

beforeAll(async () => {
  database = await withFitnessHub();
  rules = await readFile(join(fitnessHubPolicies, "masking.yaml"), "utf8");
  const user = (id: string, name: string) => ({
    id,
    email: `${name}@Marked.test`,
    first_name: name,
    last_name: `${name}marked`,
    bio: `I am ${name}marked`,
    location: "Markedville",
    date_of_birth: "1990-05-17",
    gender: "female",
    fitness_goals: ["lose_weight"],
  });
  await database.sql.unsafe(`
    insert into user_service.users (id, email, first_name, last_name, bio, location, date_of_birth, gender, avatar_url)
    values ('${ada}', 'Ada@Marked.test', 'Adamark', 'Lovemark', 'I am Adamark', 'Markedville', '1990-05-17', 'female', 'https://marked.test/a.png'),
           ('${bob}', 'bob@marked.test', 'Bobmark', 'Builmark', null, null, '1985-12-01', null, null);
    insert into user_service.user_profiles (user_id, height_cm, weight_kg, measurements, preferences)
    values ('${ada}', 170, 65.5, '{"waist": 77, "unit": "cm"}', '{"theme": "dark", "nick": "Adamark"}');
    insert into social_service.social_posts (user_id, content, type, media_urls, created_at)
    values ('${ada}', 'Adamark was here', 'text', '["https://marked.test/1.jpg", "https://marked.test/2.jpg"]', '2024-01-15');
    insert into ai_service.ai_chat_sessions (id, user_id, session_name, context) values ('${chat}', '${ada}', 'Adamark asks', '{"deep": [{"who": "Adamark"}]}');
    insert into ai_service.ai_messages (session_id, role, content) values ('${chat}', 'user', 'call Adamark at 0171 1234567');`);
  const entries: [string, string, string, object | null, object | null][] = [
    ["user_service.users", ada, "INSERT", null, user(ada, "Adamark")],
    [
      "user_service.users",
      ada,
      "UPDATE",
      { email: "old@marked.test", bio: null },
      { email: "ADA@marked.test", bio: "Adamark anew" },
    ],
    [
      "user_service.users",
      bob,
      "UPDATE",
      { phone_alt: "0171-Marked", date_of_birth: "***" },
      { phone_alt: null, date_of_birth: "1985-12-01" },
    ],
    [
      "social_service.social_posts",
      JSON.stringify({ id: chat, created_at: "2024-01-15 00:00:00+00" }),
      "UPDATE",
      { content: "Adamark", user_id: ada },
      { media_urls: ["https://marked.test/3.jpg"] },
    ],
    [
      "ai_service.ai_chat_sessions",
      chat,
      "DELETE",
      { id: chat, user_id: bob, context: { who: ["Adamark"] } },
      null,
    ],
    ["gone.people", "Adamark", "DELETE", { name: "Adamark", n: 5, list: [{ x: "marked" }] }, null],
    ["user_service.users", null as never, "TRUNCATE", { partition: "user_service.users_0" }, null],
  ];
  for (const [table, key, operation, before, after] of entries) {
    await database.sql`
      insert into shared.audit_log (table_name, record_id, operation, old_values, new_values, changed_by, changed_at, client_address, application_name)
      values (${table}, ${key}, ${operation}, ${before as never}, ${after as never}, ${bob}, '2024-01-20', '192.0.2.9', 'Adamark laptop')`;
  }
  session = await connectTo(database.url);
  plan = await planWith(session, rules);
});
afterAll(async () => {
  await session[Symbol.asyncDispose]();
  await database[Symbol.asyncDispose]();
});

const rowsOf = async (prefix: string) => {
  const rows: Record<string, unknown>[] = [];
  for (const { schema, name } of plan.tables) {
    const full = `${schema}.${name}`;
    if (full === prefix || full.replace(/_(\d+|\d{4}_\d\d|default)$/, "") === prefix)
      rows.push(...(await maskedRows(session, plan, full)));
  }
  return rows;
};

describe("FitnessHub", () => {
  it("has a rule for everything, and keeps every constraint", async () => {
    expect(await findingsOf(session, rules)).toEqual([]);
  });

  it("fails for the change that adds a personal column", async () => {
    await database.sql`alter table user_service.users add phone_alt text`;
    const found = await findingsOf(session, rules);
    await database.sql`alter table user_service.users drop phone_alt`;
    expect(found).toEqual([
      expect.stringContaining(
        "masking/personal-column: user_service.users.phone_alt looks like a telephone number",
      ),
    ]);
  });

  it("loses everything that is marked", async () => {
    let text = "";
    for (const { schema, name } of plan.tables)
      text += JSON.stringify(await maskedRows(session, plan, `${schema}.${name}`));
    expect(text).not.toMatch(/mark/i);
    // Four digits alone stand in one of 250 lists of random ids.
    expect(text).not.toMatch(/"0171-|0171 1234567|1990-05-17|1985-12-01|192\.0\.2/);
    expect(text).not.toContain(ada.slice(0, 18));
    expect(text).toContain("example.com");
  });

  it("knows a user everywhere by the same new identifier", async () => {
    const users = await rowsOf("user_service.users");
    const [post] = await rowsOf("social_service.social_posts");
    const [profile] = await rowsOf("user_service.user_profiles");
    const emails = await rowsOf("user_service.user_emails");
    const author = users.find(({ id }) => id === post?.["user_id"]);
    expect(author).toBeDefined();
    expect(profile).toMatchObject({
      user_id: author?.["id"],
      measurements: { unit: "cm" },
      preferences: { theme: "dark" },
    });
    expect(emails.find((one) => one["user_id"] === author?.["id"])?.["email_key"]).toBe(
      author?.["email"],
    );
    expect(plan.tables.find(({ name }) => name === "users_0")?.routeTo).toEqual({
      schema: "user_service",
      name: "users",
    });
    expect(
      plan.tables.find(({ name }) => name.startsWith("social_posts_"))?.routeTo,
    ).toBeUndefined();
  });

  it("masks each entry of the history as the row it is about", async () => {
    const log = (await rowsOf("shared.audit_log")) as Record<string, Record<string, unknown>>[];
    const users = await rowsOf("user_service.users");
    const inserted = log[0]?.["new_values"];
    const masked = users.find(({ id }) => id === inserted?.["id"]);
    expect(log[0]?.["record_id"]).toBe(masked?.["id"]);
    // Drawn from the row: the same bits there and here.
    for (const name of ["first_name", "last_name", "gender"])
      expect(inserted?.[name]).toBe(masked?.[name]);
    expect(inserted?.["date_of_birth"]).toBe(masked?.["date_of_birth"]);
    expect(log[1]?.["new_values"]?.["email"]).toBe(masked?.["email"]);
    expect(log[1]?.["old_values"]?.["email"]).not.toBe(masked?.["email"]);
    expect(log[1]?.["old_values"]?.["bio"]).toBeNull();
    const other = users.find(({ id }) => id !== masked?.["id"]);
    expect(log[2]).toMatchObject({
      record_id: other?.["id"],
      changed_by: other?.["id"],
      old_values: { date_of_birth: "***" },
    });
    expect(log[2]?.["new_values"]?.["date_of_birth"]).toBe(other?.["date_of_birth"]);
    expect(log[3]?.["old_values"]?.["user_id"]).toBe(masked?.["id"]);
    expect(log[3]?.["record_id"]).toContain("2024-01-15");
    expect(log[3]?.["new_values"]).toEqual({
      media_urls: [expect.stringMatching(/^https:\/\/example\.com\/.*\.jpg$/)],
    });
    expect(log[4]?.["old_values"]).toMatchObject({
      user_id: other?.["id"],
      context: { who: [expect.stringMatching(/^[A-Z][a-z]{6}$/)] },
    });
    expect(Object.keys(log[5]?.["old_values"] ?? {})).toEqual(["n", "list", "name"]);
    expect(log[5]?.["record_id"]).toBeNull();
    expect(log[6]).toMatchObject({ record_id: null, operation: "TRUNCATE" });
  });
});
