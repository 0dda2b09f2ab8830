-- Rows of (user, instant): the version of the user's settings then.
select j."user", j.at, max(h.version)
from unnest($1::int8[], $2::int8[]) as j("user", at)
join setting_history as h on h.env = $3 and h."user" = j."user" and h.at <= j.at
group by j."user", j.at
