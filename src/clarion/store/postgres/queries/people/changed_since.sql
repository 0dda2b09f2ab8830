-- Rows of (user, instant) that stand before a choice of the user, or before what the user consented to or took back.
select j."user"
from unnest($1::int8[], $2::int8[]) as j("user", since)
where exists (
    select 1 from setting_history as h
    where h.env = $3 and h."user" = j."user" and h.at >= j.since
) or exists (
    select 1 from consent as c
    where c.env = $3 and c."user" = j."user" and c.at >= j.since
)
