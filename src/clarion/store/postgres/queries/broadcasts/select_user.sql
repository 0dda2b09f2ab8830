-- The user's version at an instant, and whether it has settings and consents at all; none: not known then.
select
    h.version, h.locale, h.zone, h.roles, u.erased_at, u.settings_version, u.consents_version
from "user" as u
left join user_history as h
    on h.env = u.env and h."user" = u."user"
    and h.version = (
        select max(v.version) from user_history as v
        where v.env = u.env and v."user" = u."user" and v.at <= $3
    )
where u.env = $1 and u."user" = $2
