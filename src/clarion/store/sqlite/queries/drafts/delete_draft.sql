delete from draft where env = ? and kind = ? and name = ?
