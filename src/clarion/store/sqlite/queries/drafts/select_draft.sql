select edition, based_on, at, body from draft where env = ? and kind = ? and name = ?
