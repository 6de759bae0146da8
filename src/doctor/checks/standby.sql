-- Is this standby still fed, and how far behind is it?
select pg_get_wal_replay_pause_state() as "pauseState",
       pg_wal_lsn_diff(pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn())::float8 as "unreplayedBytes",
       extract(epoch from clock_timestamp() - pg_last_xact_replay_timestamp())::float8 as "secondsBehind",
       r.pid is not null as "hasReceiver",
       r.status,
       r.sender_host as "senderHost",
       r.sender_port as "senderPort"
from (values (true)) as one
left join pg_stat_wal_receiver r on true
