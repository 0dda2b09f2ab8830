select destination from destination
where env = $1 and channel = $2 and platform = $3 and address_hash = $4 and "user" = 0
