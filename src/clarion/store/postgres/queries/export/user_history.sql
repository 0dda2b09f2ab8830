select version, at, locale, zone, email, phone, name, roles, data, erased_at
from user_history
where env = $1 and "user" = $2 and version > $3
order by version
limit $4
