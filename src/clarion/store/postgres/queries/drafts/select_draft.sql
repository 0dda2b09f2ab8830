select edition, based_on, at, body from draft where env = $1 and kind = $2 and name = $3
