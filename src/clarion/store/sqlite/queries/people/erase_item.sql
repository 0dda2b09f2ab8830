delete from item where env = ? and user = ?
