select kind, name, edition, based_on, at, body from draft where env = ? order by kind, name
