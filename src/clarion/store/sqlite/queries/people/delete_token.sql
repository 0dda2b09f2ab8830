delete from destination
where env = ? and user = ? and channel = 2 and address_hash = ?
