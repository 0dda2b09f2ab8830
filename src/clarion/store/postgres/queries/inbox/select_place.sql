select coalesce(place, seq) from item where env = $1 and "user" = $2 and tenant = $3 and seq = $4
