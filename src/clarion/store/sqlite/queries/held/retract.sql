-- Takes events out of digests that are still open; the notifications that waited in them.
update digest_entry as e set retracted_at = ?3
where env = ?1 and event in (select unhex(value) from json_each(?2)) and retracted_at is null
    and exists (select 1 from digest as d where d.env = e.env and d.digest = e.digest and d.closed_at is null)
returning
    event,
    (select workflow from digest as d where d.env = e.env and d.digest = e.digest),
    (select user from digest as d where d.env = e.env and d.digest = e.digest)
