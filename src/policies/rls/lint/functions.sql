-- How volatile and leakproof are the functions of these names ($1: [schema or null, name]), at their worst?
select f.value ->> 0 as schema, f.value ->> 1 as name,
       coalesce(max(case p.provolatile when 'i' then 0 when 's' then 1 else 2 end), 2) as volatility,
       coalesce(bool_and(p.proleakproof), false) as "isLeakproof"
from json_array_elements($1::text::json) f
left join pg_proc p on p.proname = f.value ->> 1
  and case when f.value ->> 0 is null then pg_function_is_visible(p.oid)
           else p.pronamespace = (select n.oid from pg_namespace n where n.nspname = f.value ->> 0) end
group by 1, 2
