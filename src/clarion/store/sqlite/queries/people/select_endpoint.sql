select destination from destination
where env = ? and channel = ? and platform = ? and address_hash = ? and user = 0
