update destination
set disabled_at = ?2, disabled_reason = j.reason
from (
    select value ->> 0 as env, value ->> 1 as destination, value ->> 2 as started_at,
        value ->> 3 as reason
    from json_each(?1)
) as j
where destination.env = j.env and destination.destination = j.destination
    and destination.disabled_at is null and destination.confirmed_at <= j.started_at
