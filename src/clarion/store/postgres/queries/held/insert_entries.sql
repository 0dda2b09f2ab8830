insert into digest_entry (env, digest, event, actor, mention, at)
select j.env, decode(j.digest, 'hex'), decode(j.event, 'hex'), j.actor, j.mention, j.at
from
    unnest(
        $1::int8[], $2::text[], $3::text[], $4::int8[], $5::text[], $6::int8[]
    ) as j(env, digest, event, actor, mention, at)
on conflict do nothing
