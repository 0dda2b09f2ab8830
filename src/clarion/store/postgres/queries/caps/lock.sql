-- A row that is there is locked and stays as it is; one that is not is made, and thereby locked.
insert into cap (env, "user", scope, number, tenant, channel, key, until, log)
select j.env, j."user", j.scope, j.number, j.tenant, j.channel, j.key, j.until, '[0,[]]'
from
    unnest(
        $1::int8[], $2::int8[], $3::int8[], $4::int8[], $5::int8[], $6::int8[], $7::text[], $8::int8[]
    ) as j(env, "user", scope, number, tenant, channel, key, until)
order by j.env, j."user", j.scope, j.number, j.tenant, j.channel, j.key collate "C"
on conflict (env, "user", scope, number, tenant, channel, key) do update set env = excluded.env
where false
