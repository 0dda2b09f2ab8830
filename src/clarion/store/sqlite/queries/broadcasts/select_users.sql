-- Rows of (user, instant): the user's version then, and whether it has settings and consents at all; without a version:
-- not known then.
select
    j.value ->> 0, j.value ->> 1, h.version, h.locale, h.zone, h.roles, u.erased_at,
    u.settings_version, u.consents_version
from json_each(?1) as j
cross join user as u on u.env = ?2 and u.user = j.value ->> 0
left join user_history as h
    on h.env = ?2 and h.user = j.value ->> 0
    and h.version = (
        select max(v.version) from user_history as v
        where v.env = ?2 and v.user = j.value ->> 0 and v.at <= j.value ->> 1
    )
