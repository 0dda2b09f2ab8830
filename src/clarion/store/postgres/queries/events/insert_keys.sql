insert into event_key (env, key, event, fingerprint)
select j.env, j.key, decode(j.event, 'hex'), decode(j.fingerprint, 'hex')
from
    unnest($1::int8[], $2::text[], $3::text[], $4::text[]) with ordinality
        as j(env, key, event, fingerprint, n)
order by j.env, j.key collate "C", j.n
on conflict do nothing
