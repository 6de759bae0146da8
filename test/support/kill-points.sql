-- Places at which a migration can be made to stand still: name one in kill.point.
create schema kill;
create table kill.point (name text primary key);
create function kill.stop(name text) returns void language plpgsql as $$
begin
  if exists (select from kill.point p where p.name = stop.name) then
    perform pg_sleep(120);
  end if;
end $$;

-- In the middle of an index build.
create function kill.slow(value int) returns int immutable language plpgsql as $$
begin
  if value = 1000 then perform kill.stop('in the build'); end if;
  return value;
end $$;

create function kill.at_ddl() returns event_trigger language plpgsql as $$
declare
  command record;
begin
  if tg_event = 'ddl_command_start' then
    perform kill.stop('before ' || tg_tag);
  else
    for command in select object_identity from pg_event_trigger_ddl_commands() loop
      perform kill.stop('after ' || tg_tag || ' ' || command.object_identity);
    end loop;
  end if;
end $$;
create event trigger kill_before on ddl_command_start execute function kill.at_ddl();
create event trigger kill_after on ddl_command_end execute function kill.at_ddl();

create function kill.at_row() returns trigger language plpgsql as $$
begin
  if tg_table_name = 'notes' then
    perform kill.stop('after insert ' || new.note);
  else
    perform kill.stop('before log ' || new.event || coalesce(' ' || new.statement, ''));
  end if;
  return new;
end $$;

create table big (id int primary key, v int);
insert into big select n, n from generate_series(1, 2000) n;
create table small (id int primary key, v int);
insert into small select n, n from generate_series(1, 100) n;
create index old_index on small (v);
create table parts (id int, v int) partition by range (id);
create table parts_1 partition of parts for values from (0) to (100);
create table parts_2 partition of parts for values from (100) to (1000) partition by range (id);
create table parts_2_1 partition of parts_2 for values from (100) to (200);
create table parts_2_2 partition of parts_2 for values from (200) to (1000);
insert into parts select n, n from generate_series(1, 999) n;
create table ranges (id int) partition by range (id);
create table ranges_1 partition of ranges for values from (0) to (100);
create table ranges_2 partition of ranges for values from (100) to (200);
insert into ranges select n from generate_series(1, 199) n;
create table notes (id int generated always as identity, note text);
create trigger at_row after insert on notes for each row execute function kill.at_row();
create trigger at_row before insert on schema_migrations_log for each row execute function kill.at_row();
