/** A shop with everything that makes policies hard: quoted names, partitions, sequences, a function. */
import { migration } from "../../support/migration-project.ts";
import type { PolicyProject } from "../../support/policy-project.ts";
import { withPolicies } from "../../support/policy-project.ts";

export const identity = "(SELECT nullif(current_setting('app.user', true), '')::int)";

const schema = `
create schema shop;
create schema "Odd Schema";
create table shop.customers (id int primary key, email text not null, "Full Name" text, vip boolean not null default false);
create table shop.orders (id int, customer_id int not null, at date not null, total numeric(8,2), primary key (id, at)) partition by range (at);
create table shop.orders_2024 partition of shop.orders for values from ('2024-01-01') to ('2025-01-01');
create table "Odd Schema"."order" (id serial primary key, "user" int);
create function shop.total(customer int) returns numeric language sql as 'select sum(total) from shop.orders where customer_id = customer';
create view shop.emails as select id, email from shop.customers;
`;

export const shopMigrations = {
  "001_shop.sql": migration(
    schema,
    `drop view shop.emails; drop function shop.total(int); drop table "Odd Schema"."order", shop.orders, shop.customers; drop schema "Odd Schema"; drop schema shop;`,
  ),
};

export const shopRoles = `
CREATE ROLE $owner NOLOGIN BYPASSRLS;
CREATE ROLE $app NOLOGIN;
CREATE ROLE $login LOGIN CONNECTION LIMIT 7;
COMMENT ON ROLE $app IS 'the shop''s service';
GRANT $app TO $login;
ALTER ROLE $login IN DATABASE current_database SET search_path = shop, "Odd Schema";
ALTER ROLE $login SET statement_timeout = '5s';
ALTER DEFAULT PRIVILEGES FOR ROLE $owner REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
ALTER DEFAULT PRIVILEGES FOR ROLE $owner IN SCHEMA shop GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO $app;
ALTER DEFAULT PRIVILEGES FOR ROLE $owner IN SCHEMA "Odd Schema" GRANT USAGE ON SEQUENCES TO $app;
GRANT USAGE ON SCHEMA shop, "Odd Schema" TO $app;
GRANT SELECT, UPDATE (vip) ON "Odd Schema"."order" TO $app;
REVOKE DELETE ON shop.customers FROM $app;
GRANT EXECUTE ON FUNCTION shop.total(int) TO $app;
REVOKE CONNECT, TEMPORARY ON DATABASE current_database FROM PUBLIC;
GRANT CONNECT ON DATABASE current_database TO $app;
`.replace("UPDATE (vip)", `UPDATE ("user")`);

export const shopRowSecurity = `
ALTER TABLE shop.customers ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY own ON shop.customers FOR SELECT TO $app USING (id = ${identity});
CREATE POLICY "change own" ON shop.customers FOR UPDATE TO $app
  USING (shop.customers.id = ${identity}) WITH CHECK (id = ${identity}); -- one's own
ALTER TABLE shop.orders ENABLE ROW LEVEL SECURITY;
ALTER TABLE shop.orders FORCE ROW LEVEL SECURITY;
CREATE POLICY own ON shop.orders TO $app USING (customer_id = ${identity} -- whoever bought
);
CREATE POLICY never_old ON shop.orders AS RESTRICTIVE USING (at > DATE '2000-01-01');
`;

export async function withShop(): Promise<PolicyProject> {
  return withPolicies({
    roles: ["owner", "app", "login"],
    yaml: "migrations:\n  role: $owner\n",
    migrations: shopMigrations,
    policies: { "roles.sql": shopRoles, "rls/shop.sql": shopRowSecurity },
  });
}
