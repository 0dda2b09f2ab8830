delete from subscription where env = ? and user = ?
