select count(*) from item where env = ? and event = ?
