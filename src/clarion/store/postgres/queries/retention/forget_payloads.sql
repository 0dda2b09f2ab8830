delete from event_payload as p
using (
    select event from event_payload
    where env = $1 and event >= $2 and event <= $3
        and encode(event, 'hex') <> all($4::text[])
    order by event
    limit $5
) as old
where p.env = $1 and p.event = old.event
returning p.event, 0::int8, 0::int8
