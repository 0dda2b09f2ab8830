delete from destination
where env = $1 and "user" = $2 and channel = 2 and address_hash = $3
