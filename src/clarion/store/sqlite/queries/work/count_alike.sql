-- One item more for each; `users` is JSON.
with j as materialized (
    select value ->> 0 as users, value ->> 1 as env, value ->> 2 as tenant from json_each(?)
)
insert into inbox_counter (env, user, tenant, seq, total, unread, unseen)
select j.env, u.value, j.tenant, 1, 1, 1, 1
from j
cross join json_each(j.users) as u
where true
on conflict (env, user, tenant) do update set
    seq = seq + 1, total = total + 1, unread = unread + 1, unseen = unseen + 1
