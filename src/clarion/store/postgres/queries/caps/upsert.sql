insert into cap (env, "user", scope, number, tenant, channel, key, until, log)
select j.env, j."user", j.scope, j.number, j.tenant, j.channel, j.key, j.until, j.log
from
    unnest(
        $1::int8[], $2::int8[], $3::int8[], $4::int8[], $5::int8[], $6::int8[], $7::text[],
        $8::int8[], $9::text[]
    ) as j(env, "user", scope, number, tenant, channel, key, until, log)
order by j.env, j."user", j.scope, j.number, j.tenant, j.channel, j.key collate "C"
on conflict (env, "user", scope, number, tenant, channel, key) do update set
    log = excluded.log, until = greatest(cap.until, excluded.until)
