-- One snapshot for the whole dump, and the settings that PostgreSQL's own texts depend on.
begin isolation level repeatable read read only;
-- With nothing but pg_catalog on the path every other name is written in full.
set local search_path = '';
set local quote_all_identifiers = off;
set local standard_conforming_strings = on;
set local timezone = 'UTC';
set local datestyle = 'ISO, MDY';
set local intervalstyle = 'postgres';
set local extra_float_digits = 1;
set local bytea_output = 'hex';
set local lc_monetary = 'C';
set local xmloption = 'content';
-- Where row security would hide rows of the ledger, fail instead.
set local row_security = off;
-- Compiling the catalog queries takes longer than running them.
set local jit = off
