-- Rows of (user, instant): the user's version then, and whether it has settings and consents at all; without a version:
-- not known then.
select
    j."user", j.at, h.version, h.locale, h.zone, h.roles, u.erased_at, u.settings_version,
    u.consents_version
from unnest($1::int8[], $2::int8[]) as j("user", at)
join "user" as u on u.env = $3 and u."user" = j."user"
left join user_history as h
    on h.env = $3 and h."user" = j."user"
    and h.version = (
        select max(v.version) from user_history as v
        where v.env = $3 and v."user" = j."user" and v.at <= j.at
    )
