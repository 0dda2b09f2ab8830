insert into dedupe (env, event, workflow, "user", key, until)
select distinct on (j.env, j.workflow, j."user", j.key collate "C")
    j.env, decode(j.event, 'hex'), j.workflow, j."user", j.key, j.until
from
    unnest($1::int8[], $2::text[], $3::int8[], $4::int8[], $5::text[], $6::int8[]) with ordinality
        as j(env, event, workflow, "user", key, until, n)
order by j.env, j.workflow, j."user", j.key collate "C", j.n
on conflict (env, workflow, "user", key) do update set event = excluded.event, until = excluded.until
where dedupe.until <= $7
