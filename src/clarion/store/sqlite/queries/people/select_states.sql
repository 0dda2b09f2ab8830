select u.user, u.version, u.source_version, u.at, u.locale, u.zone, u.email, u.phone, u.name, u.roles, u.data,
    u.settings_version, u.consents_version
from json_each(?) as j
cross join user as u on u.env = ? and u.user = j.value
where u.erased_at is null
