delete from event_payload
where env = ?1 and event in (
    select p.event from event_payload as p
    where p.env = ?1 and p.event >= ?2 and p.event <= ?3
        and p.event not in (select unhex(value) from json_each(?4))
    order by p.event
    limit ?5
)
returning event, 0, 0
