-- Rows of (user, channel, hash of the address that holds now or "").
update destination set disabled_at = ?1, disabled_reason = 'replaced'
where (env, destination) in (
    select d.env, d.destination
    from json_each(?2) as j
    cross join destination as d indexed by destination_by_user
        on d.env = ?3 and d.user = j.value ->> 0 and d.channel = j.value ->> 1
        and d.disabled_at is null
    where lower(hex(d.address_hash)) <> j.value ->> 2
)
