-- Rows of (env, event, workflow, user), user 0 for what is kept for all users of a locale: the beginnings of titles.
select c.event, c.workflow, c."user", c.step, c.locale,
    substr(coalesce(c.body::json ->> 'title', c.body::json ->> 'subject', c.body::json ->> 'body'), 1, 400)
from unnest($1::int8[], $2::text[], $3::int8[], $4::int8[]) as j(env, event, workflow, "user")
join content as c
    on c.env = j.env and c.event = decode(j.event, 'hex') and c.workflow = j.workflow
    and c."user" = j."user"
order by c.step, c.locale
