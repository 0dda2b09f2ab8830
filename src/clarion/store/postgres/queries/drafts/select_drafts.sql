select kind, name, edition, based_on, at, body from draft where env = $1 order by kind, name
