-- Rows of (user, instant) that stand before a choice of the user, or before what the user consented to or took back.
select j.value ->> 0
from json_each(?1) as j
where exists (
    select 1 from setting_history as h
    where h.env = ?2 and h.user = j.value ->> 0 and h.at >= j.value ->> 1
) or exists (
    select 1 from consent as c
    where c.env = ?2 and c.user = j.value ->> 0 and c.at >= j.value ->> 1
)
