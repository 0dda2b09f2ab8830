update destination
set disabled_at = $5, disabled_reason = j.reason
from
    unnest($1::int8[], $2::int8[], $3::int8[], $4::text[])
        as j(env, destination, started_at, reason)
where destination.env = j.env and destination.destination = j.destination
    and destination.disabled_at is null and destination.confirmed_at <= j.started_at
