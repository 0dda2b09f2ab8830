-- Rows of (env, user, tenant): the last number of each.
insert into inbox_counter (env, user, tenant, seq, total, unread, unseen)
select value ->> 0, value ->> 1, value ->> 2, 0, 0, 0, 0
from json_each(?)
where true
on conflict (env, user, tenant) do update set seq = seq
returning user, seq
