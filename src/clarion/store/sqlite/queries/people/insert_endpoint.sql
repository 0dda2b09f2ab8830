insert into destination (
    env, destination, user, channel, platform, address, address_hash, confirmed_at
)
values (?, ?, 0, ?, ?, ?, ?, ?)
