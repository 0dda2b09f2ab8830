insert into destination (
    env, destination, "user", channel, platform, address, address_hash, confirmed_at
)
values ($1, $2, 0, $3, $4, $5, $6, $7)
