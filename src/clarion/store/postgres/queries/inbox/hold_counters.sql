-- Rows of (env, user, tenant): nobody else numbers items of these; the last number of each.
insert into inbox_counter as c (env, "user", tenant, seq, total, unread, unseen)
select j.env, j."user", j.tenant, 0, 0, 0, 0
from unnest($1::int8[], $2::int8[], $3::int8[]) as j(env, "user", tenant)
order by j.env, j."user", j.tenant
on conflict (env, "user", tenant) do update set seq = c.seq
returning c."user", c.seq
