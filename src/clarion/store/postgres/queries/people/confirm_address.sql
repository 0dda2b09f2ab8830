update destination set disabled_at = null, disabled_reason = null, confirmed_at = $1
where env = $2 and "user" = $3 and channel = $4 and address_hash = $5
