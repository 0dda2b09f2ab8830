-- Rows of (platform, hash, the user that holds the token now).
update destination as d set disabled_at = $1, disabled_reason = 'moved'
from unnest($2::text[], $3::text[], $4::int8[]) as j(platform, hash, "user")
where d.env = $5 and d.channel = 2 and d.platform = j.platform
    and d.address_hash = decode(j.hash, 'hex') and d."user" <> j."user" and d.disabled_at is null
