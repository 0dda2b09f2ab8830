-- Rows of (env, user, tenant, numbers taken, change of total, of unread, of unseen), one for each inbox; the last
-- number taken.
insert into inbox_counter (env, user, tenant, seq, total, unread, unseen)
select
    value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5, value ->> 6
from json_each(?)
where true
on conflict (env, user, tenant) do update set
    seq = seq + excluded.seq,
    total = total + excluded.total,
    unread = unread + excluded.unread,
    unseen = unseen + excluded.unseen
returning env, user, tenant, seq
