-- Rows of (user, channel, hash of the address that holds now or "").
update destination as d set disabled_at = $1, disabled_reason = 'replaced'
from unnest($2::int8[], $3::int8[], $4::text[]) as j("user", channel, hash)
where d.env = $5 and d."user" = j."user" and d.channel = j.channel and d.disabled_at is null
    and encode(d.address_hash, 'hex') <> j.hash
