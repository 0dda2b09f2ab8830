delete from destination indexed by destination_by_user
where env = ? and user = ? and channel = 2 and address_hash = ?
