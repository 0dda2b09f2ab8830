delete from draft where env = $1 and kind = $2 and name = $3
