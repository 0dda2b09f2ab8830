insert into inbox_counter (env, user, tenant, seq, total, unread, unseen)
select value ->> 0, value ->> 1, value ->> 2, 1, 1, 1, 1
from json_each(?)
where true
on conflict (env, user, tenant) do update set
    seq = seq + 1, total = total + 1, unread = unread + 1, unseen = unseen + 1
