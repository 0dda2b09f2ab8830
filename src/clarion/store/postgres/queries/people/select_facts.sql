select
    u."user", u.version, u.settings_version, u.locale, u.zone, u.roles, u.erased_at,
    u.consents_version, u.suppressed
from unnest($1::int8[]) as j("user")
join "user" as u on u.env = $2 and u."user" = j."user"
