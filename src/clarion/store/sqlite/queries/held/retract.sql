-- Takes events out of digests that are still open; the notifications that waited in them.
update digest_entry indexed by digest_entry_by_event set retracted_at = ?3
where env = ?1 and event in (select unhex(value) from json_each(?2)) and retracted_at is null
    and exists (
        select 1 from digest as d
        where d.env = digest_entry.env and d.digest = digest_entry.digest and d.closed_at is null
    )
returning
    event,
    (select d.workflow from digest as d where d.env = digest_entry.env and d.digest = digest_entry.digest),
    (select d.user from digest as d where d.env = digest_entry.env and d.digest = digest_entry.digest)
