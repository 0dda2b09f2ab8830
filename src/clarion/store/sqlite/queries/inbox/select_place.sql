select coalesce(place, seq) from item where env = ? and user = ? and tenant = ? and seq = ?
