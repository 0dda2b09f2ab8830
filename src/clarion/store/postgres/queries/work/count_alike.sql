-- One item more for each; `users` is JSON.
insert into inbox_counter as c (env, "user", tenant, seq, total, unread, unseen)
select j.env, u."user", j.tenant, 1, 1, 1, 1
from unnest($1::text[], $2::int8[], $3::int8[]) as j(users, env, tenant)
cross join unnest(translate(j.users, '[]', '{}')::int8[]) as u("user")
order by u."user"
on conflict (env, "user", tenant) do update set
    seq = c.seq + 1, total = c.total + 1, unread = c.unread + 1, unseen = c.unseen + 1
