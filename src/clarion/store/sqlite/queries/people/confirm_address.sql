update destination set disabled_at = null, disabled_reason = null, confirmed_at = ?1
where (env, destination) in (
    select d.env, d.destination
    from destination as d indexed by destination_by_user
    where d.env = ?2 and d.user = ?3 and d.channel = ?4 and d.address_hash = ?5
)
