insert into user_history (env, user, version, at, locale, zone, email, phone, name, roles, data)
select
    ?, value ->> 0, value ->> 1, value ->> 3, value ->> 4, value ->> 5, value ->> 6, value ->> 7,
    value ->> 8, value ->> 9, value ->> 10
from json_each(?)
