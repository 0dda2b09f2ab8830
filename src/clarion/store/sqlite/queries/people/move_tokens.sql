-- Rows of (platform, hash, the user that holds the token now).
update destination set disabled_at = ?1, disabled_reason = 'moved'
where (env, destination) in (
    select d.env, d.destination
    from json_each(?2) as j
    cross join destination as d indexed by destination_by_address
        on d.env = ?3 and d.channel = 2 and d.platform = j.value ->> 0
        and d.address_hash = unhex(j.value ->> 1)
    where d.user <> j.value ->> 2 and d.disabled_at is null
)
