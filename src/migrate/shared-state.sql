-- What do the catalogs that all databases share say, but for roles and this database? `about` names roles.
select 'pg_auth_members' as catalog, format('%s/%s/%s', m.roleid, m.member, m.grantor) as id,
       format('membership of %I in %I', u.rolname, r.rolname) as name,
       format('%s,%s', m.roleid, m.member) as about, pg_catalog.md5(m::text) as print
from pg_catalog.pg_auth_members m
join pg_catalog.pg_roles r on r.oid = m.roleid
join pg_catalog.pg_roles u on u.oid = m.member
union all
select 'pg_db_role_setting', format('%s/%s', s.setdatabase, s.setrole),
       'settings of ' || concat_ws(' in ', 'role ' || quote_ident(r.rolname), 'database ' || quote_ident(d.datname)),
       s.setrole::text, pg_catalog.md5(s.setconfig::text)
from pg_catalog.pg_db_role_setting s
left join pg_catalog.pg_roles r on r.oid = s.setrole
left join pg_catalog.pg_database d on d.oid = s.setdatabase
where d.datname is distinct from pg_catalog.current_database()
union all
select 'pg_database', d.oid::text, format('database %I', d.datname), '',
       pg_catalog.md5(row(d.datname, d.datdba, d.datacl, d.dattablespace, d.datconnlimit, d.datallowconn, d.datistemplate)::text)
from pg_catalog.pg_database d
where d.datname <> pg_catalog.current_database()
union all
select 'pg_tablespace', t.oid::text, format('tablespace %I', t.spcname), '', pg_catalog.md5(t::text)
from pg_catalog.pg_tablespace t
union all
select 'pg_parameter_acl', p.oid::text, 'rights on parameter ' || p.parname, '', pg_catalog.md5(p::text)
from pg_catalog.pg_parameter_acl p
union all
select 'pg_shdescription', s.objoid::text, format('comment on role %I', r.rolname), s.objoid::text,
       pg_catalog.md5(s.description)
from pg_catalog.pg_shdescription s
join pg_catalog.pg_roles r on r.oid = s.objoid
where s.classoid = 'pg_catalog.pg_authid'::regclass
union all
select 'pg_shseclabel', format('%s/%s/%s', s.classoid, s.objoid, s.provider), 'a security label', s.objoid::text,
       pg_catalog.md5(s.label)
from pg_catalog.pg_shseclabel s
union all
select 'pg_replication_origin', o.roident::text, format('replication origin %I', o.roname), '', ''
from pg_catalog.pg_replication_origin o
