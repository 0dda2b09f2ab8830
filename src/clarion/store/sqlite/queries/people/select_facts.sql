select
    u.user, u.version, u.settings_version, u.locale, u.zone, u.roles, u.erased_at,
    u.consents_version, u.suppressed
from json_each(?) as j
cross join user as u on u.env = ? and u.user = j.value
