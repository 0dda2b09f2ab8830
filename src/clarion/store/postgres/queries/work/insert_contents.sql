insert into content (env, event, workflow, step, locale, "user", body)
select j.env, decode(j.event, 'hex'), j.workflow, j.step, j.locale, j."user", j.body
from
    unnest(
        $1::int8[], $2::text[], $3::int8[], $4::int8[], $5::text[], $6::int8[], $7::text[]
    ) as j(env, event, workflow, step, locale, "user", body)
where not exists (
    select 1 from "user" as u
    where u.env = j.env and u."user" = j."user" and u.erased_at is not null
)
order by j.env, j.event collate "C", j.workflow, j."user", j.step, j.locale collate "C"
on conflict do nothing
