insert into inbox_counter (env, user, tenant, seq, total, unread, unseen)
select value ->> 0, value ->> 1, value ->> 2, count(*), count(*), count(*), count(*)
from json_each(?)
where true
group by 1, 2, 3
on conflict (env, user, tenant) do update set
    seq = seq + excluded.seq,
    total = total + excluded.total,
    unread = unread + excluded.unread,
    unseen = unseen + excluded.unseen
