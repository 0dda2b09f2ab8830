delete from destination indexed by destination_by_user where env = ? and user = ?
