insert into inbox_counter as c (env, "user", tenant, seq, total, unread, unseen)
select j.env, j."user", j.tenant, count(*), count(*), count(*), count(*)
from
    unnest(
        $1::int8[], $2::int8[], $3::int8[], $4::text[], $5::int8[], $6::int8[], $7::text[],
        $8::int8[], $9::int8[], $10::int8[], $11::int8[]
    ) as j(
        env, "user", tenant, event, workflow, step, locale, personal, alert, created_at, expires_at
    )
group by j.env, j."user", j.tenant
order by j.env, j."user", j.tenant
on conflict (env, "user", tenant) do update set
    seq = c.seq + excluded.seq,
    total = c.total + excluded.total,
    unread = c.unread + excluded.unread,
    unseen = c.unseen + excluded.unseen
