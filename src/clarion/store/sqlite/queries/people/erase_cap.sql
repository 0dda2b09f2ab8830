delete from cap where env = ? and user = ?
